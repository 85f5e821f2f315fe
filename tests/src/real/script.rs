//! A script that makes orders over the protocol, without documents: the server gives their numbers.

use tokio::runtime::Runtime;
use waybill_client::store::Reader;
use waybill_shared::{
    edit::Edit,
    id::LocationId,
    protocol::{ClientFrame, PATH, ServerFrame},
};

use super::{Device, Server, order_of_ten};
use crate::peer::Peer;

pub struct Script {
    peer: Peer,
    runtime: Runtime,
    location: LocationId,
}

impl Script {
    pub fn signed_in(server: &Server, person: &str, location: LocationId) -> Script {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let peer = runtime.block_on(Peer::sign_in(&socket(server), person, 7)).unwrap();
        Script { peer, runtime, location }
    }

    pub fn location(office: &Device) -> LocationId {
        Reader::open(office.path()).unwrap().locations().unwrap()[0].id
    }

    pub fn comes_back(&mut self, server: &Server) {
        self.runtime.block_on(self.peer.come_back(&socket(server))).unwrap();
    }

    /// An order, for which it has no number.
    pub fn makes(&mut self) -> Edit {
        let mut page = self.peer.new_page();
        let mut edit = self.peer.scribe.edit(&mut page, order_of_ten(self.location));
        edit.parts.iter_mut().for_each(|part| part.made = None);
        edit
    }

    pub fn is_accepted(&mut self, edit: &Edit) {
        let (verdict, _) = self.runtime.block_on(self.peer.sends(edit.clone())).unwrap();
        assert!(verdict.stands(), "{verdict:?}");
    }

    /// Connects again, as it is told to, because the log is not the one it was told of when it came.
    pub fn is_let_go(&mut self, edit: &Edit, server: &Server) {
        let peer = &mut self.peer;
        let words = self.runtime.block_on(async {
            peer.wire.send(&ClientFrame::Push { edits: vec![edit.clone()], turn: 0 }).await.unwrap();
            loop {
                match peer.wire.next().await {
                    Some(ServerFrame::Fault(fault)) => return fault.words,
                    Some(_) => {}
                    None => panic!("the socket was closed without a word"),
                }
            }
        });
        assert!(words.contains("Connect again"), "{words}");
        self.comes_back(server);
    }

    /// With which words it was told to come later.
    pub fn is_told_later(&mut self, edit: &Edit) -> String {
        let peer = &mut self.peer;
        self.runtime.block_on(async {
            peer.wire.send(&ClientFrame::Push { edits: vec![edit.clone()], turn: 0 }).await.unwrap();
            loop {
                match peer.wire.next().await {
                    Some(ServerFrame::RetryLater { words, edits, .. }) => {
                        assert_eq!(edits, [edit.id], "only this has to wait");
                        return words;
                    }
                    Some(_) => {}
                    None => panic!("the socket was closed"),
                }
            }
        })
    }
}

fn socket(server: &Server) -> String {
    format!("ws://{}{PATH}", server.address())
}
