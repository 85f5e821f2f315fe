//! What a device says is no evidence. Devices that lie of where they stand in the log, or guess at passwords, harm
//! themselves and nobody else; only what the server itself said and proved is believed.

use waybill_server::{accounts::devices, check, proof::Proofs};
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    id::{CompanyId, LocationId},
    money::Currency,
    order::commands::{Create, SetReference},
    protocol::{
        ClientFrame, ServerFrame,
        frame::{Hello, Next, Welcome},
    },
    rules::roles::Role,
    scope::{Scope, Scopes},
};
use waybill_tests::{
    peer::{Peer, hello},
    scribe::Page,
    serving::Serving,
    wire::Wire,
};

/// A server, somebody who works on it all the time, and somebody who lies.
struct House {
    serving: Serving,
    honest: Peer,
    order: Page,
    done: u32,
    liar: Peer,
}

/// Where a device stands, with the server's word for it.
type Stand = (Cursor, Vec<u8>);

impl House {
    async fn opens() -> House {
        let serving = Serving::start().await.expect("a server starts");
        for name in ["honest", "liar"] {
            serving.add_person(name, Role::Manager).await.expect("a person is added");
        }
        let mut honest = Peer::sign_in(&serving.socket(), "honest", 1).await.expect("the honest one");
        let liar = Peer::sign_in(&serving.socket(), "liar", 2).await.expect("the liar");
        let mut order = honest.new_page();
        honest.does(&mut order, an_empty_order()).await.expect("an order");
        House { serving, honest, order, done: 0, liar }
    }

    /// The number of the epoch, and whether the server gives no numbers.
    async fn epoch(&self) -> (i64, bool) {
        let sql = "select number, numbers_wait from sync.epoch";
        sqlx::query_as(sql).fetch_one(&self.serving.server.app().pool).await.expect("the epoch")
    }

    /// On the socket that was open all the while.
    async fn works_on(&mut self, after: &str) {
        self.done += 1;
        let reference = SetReference { name: "step".to_owned(), value: self.done.to_string() };
        let done = self.honest.does(&mut self.order, reference).await;
        done.unwrap_or_else(|error| panic!("after {after} the honest one could not work on: {error}"));
    }

    async fn greets(&self, hello: Hello) -> (Wire, Welcome) {
        let mut wire = Wire::open(&self.serving.socket()).await.expect("a socket opens");
        wire.send(&ClientFrame::Hello(hello)).await.expect("it can be sent");
        match wire.next().await {
            Some(ServerFrame::Welcome(welcome)) => (wire, welcome),
            other => panic!("no welcome, but {other:?}"),
        }
    }

    /// Loads everything; where that leaves the device.
    async fn stands(&self, token: &[u8]) -> Stand {
        let (mut wire, _) = self.greets(says(token, None, None)).await;
        loop {
            match wire.next().await {
                Some(ServerFrame::Entries { upto, proof, digests: Some(_), .. }) => {
                    return (upto, proof.expect("the server's word for it"));
                }
                Some(_) => {}
                None => panic!("closed before the end"),
            }
        }
    }
}

fn says(token: &[u8], cursor: Option<Cursor>, proof: Option<Vec<u8>>) -> Hello {
    let ClientFrame::Hello(hello) = hello(token.to_vec()) else { panic!("a hello is one") };
    let scopes = if cursor.is_some() {
        Scopes::from(vec![Scope::Everyone, Scope::Office, Scope::Shops])
    } else {
        Scopes::NONE
    };
    Hello { cursor, proof, scopes, ..hello }
}

fn an_empty_order() -> Create {
    Create {
        number: "H-1".to_owned(),
        channel: "shop".to_owned(),
        location: LocationId::new(uuid::Uuid::now_v7()),
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_lies_of_where_it_stands_is_alone_reset_and_nobody_else_notices() {
    let mut house = House::opens().await;
    let before = house.epoch().await;
    let (head, proof) = house.stands(&house.liar.token).await;
    let chain = Hash([9; 32]);
    let far = |pos| Cursor { pos, chain };
    let lies = [
        ("the end of the log with another chain", far(head.pos)),
        ("one beyond the end, as if it went on from there", Cursor { pos: head.pos + 1, ..head }),
        ("far beyond the end", far(head.pos + 1_000_000)),
        ("the end of all numbers", far(u64::MAX)),
        ("a position that was, with another chain", far(1)),
        ("the beginning, with a chain", far(0)),
    ];
    let words = [
        ("no proof", None),
        ("one made up", Some(vec![7; 24])),
        ("noughts", Some(vec![0; 24])),
        ("nothing for one", Some(Vec::new())),
        ("a long one", Some(vec![1; 100_000])),
        ("the true one of where it does stand", Some(proof)),
    ];
    let pool = house.serving.server.app().pool.clone();
    for revoked in [false, true] {
        if revoked {
            let device = house.liar.scribe.device.to_string();
            devices::revoke(&pool, &device).await.expect("an admin revokes it");
        }
        for keeps in [true, false] {
            for (what, cursor) in &lies {
                for (with, proof) in &words {
                    let case = format!("{what}, with {with}; keeps {keeps}, revoked {revoked}");
                    let lie = says(&house.liar.token, Some(*cursor), proof.clone());
                    let (_wire, welcome) = house.greets(Hello { keeps, ..lie }).await;
                    let expected = match (revoked, keeps) {
                        (true, _) => Next::PushAgain,
                        (false, true) => Next::Reset,
                        (false, false) => Next::Nothing,
                    };
                    assert_eq!(welcome.next, expected, "{case}");
                    assert_eq!(house.epoch().await, before, "{case}: the log is the same to everybody");
                }
                house.works_on(what).await;
            }
        }
    }
    // Who did not lie is welcomed where they stand.
    let (stands, proof) = house.stands(&house.honest.token).await;
    let (_wire, welcome) = house.greets(says(&house.honest.token, Some(stands), Some(proof))).await;
    assert_eq!((welcome.next, welcome.proof), (Next::Nothing, None), "it has the word for it already");
    let checked = check::check(&pool).await.expect("it can be checked");
    assert!(checked.wrong.is_empty(), "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_word_for_a_position_that_is_gone_is_evidence_once() {
    let house = House::opens().await;
    let pool = house.serving.server.app().pool.clone();
    let (number, _) = house.epoch().await;
    let company: uuid::Uuid =
        sqlx::query_scalar("select id from sync.company").fetch_one(&pool).await.expect("the company");
    let proofs = Proofs::load(&pool, CompanyId::new(company)).await.expect("the secret is of the accounts");
    let (head, _) = house.stands(&house.honest.token).await;
    let gone = Cursor { pos: head.pos + 3, chain: Hash([5; 32]) };
    let epoch = u64::try_from(number).expect("a number");
    // Given by a server on this database before it lost its end.
    let given = proofs.of(epoch, gone);
    let (_wire, welcome) = house.greets(says(&house.honest.token, Some(gone), Some(given.clone()))).await;
    assert_eq!(welcome.next, Next::Reset);
    let noticed = house.epoch().await;
    assert!(noticed.0 > number && noticed.1, "the log is another one, and numbers wait: {noticed:?}");

    // Old news, whoever brings it.
    for peer in [&house.honest, &house.liar] {
        let (_wire, welcome) = house.greets(says(&peer.token, Some(gone), Some(given.clone()))).await;
        assert_eq!(welcome.next, Next::Reset);
        assert_eq!(house.epoch().await, noticed, "noticed once");
    }
    // That an epoch began may have been lost with the log, too: what was proven in it is news, and once.
    let later = u64::try_from(noticed.0).expect("a number") + 1_000_000_000;
    let lost = proofs.of(later, gone);
    for _ in 0..2 {
        let (_wire, welcome) = house.greets(says(&house.honest.token, Some(gone), Some(lost.clone()))).await;
        assert_eq!(welcome.next, Next::Reset);
    }
    assert_eq!(house.epoch().await.0, i64::try_from(later).expect("a number") + 1);

    // What stands is proven anew to whoever comes with an old word.
    let (stands, proof) = house.stands(&house.honest.token).await;
    let old = proofs.of(epoch, stands);
    let (_wire, welcome) = house.greets(says(&house.honest.token, Some(stands), Some(old))).await;
    assert_eq!((welcome.next, welcome.proof), (Next::Nothing, Some(proof)));
}
