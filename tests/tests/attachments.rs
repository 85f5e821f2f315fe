//! Photos and papers on the wire: what is taken and what is not, from whom, and who gets it.

use uuid::Uuid;
use waybill_server::{attachments::orphans, check};
use waybill_shared::{
    attachment,
    doc::Hash,
    edit::{Edit, Verdict},
    id::{AttachmentId, EditId},
    kind::DocAddr,
    order::commands::{Attach, Create},
    protocol::{
        attachment::{Carried, Carry},
        limits::ATTACHMENT_CHUNK,
        question::{Answer, HeldQuestion},
    },
    review::Decision,
    rules::roles::Role,
};
use waybill_tests::{
    peer::Peer,
    scribe::Page,
    serving::{PLACE, Serving},
};

/// A picture of three chunks and a bit.
fn picture(seed: u8) -> Vec<u8> {
    picture_of(3 * ATTACHMENT_CHUNK + 77, seed)
}

fn picture_of(size: usize, seed: u8) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    bytes.extend((0..size).map(|n| (n as u8).wrapping_mul(31).wrapping_add(seed)));
    bytes
}

fn attach(bytes: &[u8]) -> Attach {
    Attach {
        id: AttachmentId::new(Uuid::now_v7()),
        name: "door.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        size: bytes.len() as i64,
        content: attachment::hash(bytes),
    }
}

fn order() -> Create {
    Create {
        number: "A-1".to_owned(),
        channel: "shop".to_owned(),
        location: PLACE,
        customer: None,
        customer_name: None,
        currency: waybill_shared::money::Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: Default::default(),
    }
}

struct Yard {
    serving: Serving,
    office: Peer,
    page: Page,
}

impl Yard {
    async fn opens() -> Self {
        Self::opens_with(&[]).await
    }

    async fn opens_with(settings: &[(&'static str, &str)]) -> Self {
        let serving = Serving::start_with(settings).await.expect("a server starts");
        for (name, role) in [("ada", Role::Manager), ("max", Role::Manager), ("dan", Role::Driver)] {
            serving.add_person(name, role).await.expect("a person is added");
        }
        let mut office = Peer::sign_in(&serving.socket(), "ada", 1).await.expect("signed in");
        let mut page = office.new_page();
        office.does(&mut page, order()).await.expect("an order");
        Self { serving, office, page }
    }

    /// The office attaches it; its edit.
    async fn attaches(&mut self, bytes: &[u8]) -> Edit {
        let edit = self.office.scribe.edit(&mut self.page, attach(bytes));
        self.office.sends(edit.clone()).await.expect("it is judged");
        edit
    }

    fn doc(&self) -> DocAddr {
        self.page.addr
    }

    /// A driver attaches it, who has no right to on this order: it is held.
    async fn is_held_of(&mut self, dan: &mut Peer, bytes: &[u8]) -> EditId {
        let mut page = Page::blank(self.page.addr);
        page.doc = self.page.doc.clone();
        let edit = dan.scribe.edit(&mut page, attach(bytes));
        let id = edit.id;
        let (verdict, _) = dan.sends(edit).await.expect("it is judged");
        assert!(matches!(verdict, Verdict::Held { .. }), "{verdict:?}");
        id
    }

    /// The manager gives it up, or takes it.
    async fn decides(&mut self, edit: EditId, decision: Decision) {
        let reason = "It was a trial.".to_owned();
        let question = HeldQuestion::Decide { edit, attempt: 0, decision, reason };
        let answer = self.office.asks(question.into()).await.expect("answered");
        assert!(matches!(answer, Answer::Decided(_)), "{answer:?}");
    }

    /// As if so many days had passed since what was settled was settled.
    async fn cleans_after(&self, days: u64) -> u64 {
        let pool = &self.serving.server.app().pool;
        // What is settled now is noted now.
        assert_eq!(orphans::clean(pool, orphans::KEPT).await.expect("looked at"), 0);
        sqlx::query("update sync.attachment_claim set since = now() - make_interval(days => $1)")
            .bind(i32::try_from(days).expect("few"))
            .execute(pool)
            .await
            .expect("later");
        orphans::clean(pool, orphans::KEPT).await.expect("cleaned")
    }

    async fn count(&self, table: &str) -> i64 {
        let pool = &self.serving.server.app().pool;
        let counted = sqlx::AssertSqlSafe(format!("select count(*) from sync.{table}"));
        sqlx::query_scalar(counted).fetch_one(pool).await.expect("counted")
    }

    async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop(self.office);
        self.serving.stop().await.expect("the server stops");
    }
}

fn chunk(bytes: &[u8], nth: u32) -> Vec<u8> {
    bytes.chunks(ATTACHMENT_CHUNK).nth(nth as usize).unwrap_or_default().to_vec()
}

async fn puts(peer: &mut Peer, edit: EditId, content: Hash, nth: u32, bytes: Vec<u8>) -> Carried {
    peer.carries(Carry::Put { edit, content, nth, bytes }).await.expect("answered")
}

async fn sends_all(peer: &mut Peer, edit: EditId, bytes: &[u8]) -> Carried {
    let content = attachment::hash(bytes);
    let mut carried = peer.carries(Carry::Offer { edit, content }).await.expect("answered");
    while let Carried::Next { nth } = carried {
        carried = puts(peer, edit, content, nth, chunk(bytes, nth)).await;
    }
    carried
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_and_a_restart_go_on_behind_what_has_arrived_and_wrong_bytes_are_not_kept() {
    let mut yard = Yard::opens().await;
    let bytes = picture(1);
    let content = attachment::hash(&bytes);
    let edit = yard.attaches(&bytes).await.id;
    let offer = || Carry::Offer { edit, content };
    assert_eq!(yard.office.carries(offer()).await.expect("answered"), Carried::Next { nth: 0 });
    assert_eq!(puts(&mut yard.office, edit, content, 0, chunk(&bytes, 0)).await, Carried::Next { nth: 1 });
    assert_eq!(puts(&mut yard.office, edit, content, 1, chunk(&bytes, 1)).await, Carried::Next { nth: 2 });
    // The line breaks: what has arrived is not wanted again.
    let address = yard.serving.socket();
    yard.office.come_back(&address).await.expect("it comes back");
    assert_eq!(yard.office.carries(offer()).await.expect("answered"), Carried::Next { nth: 2 });
    // A chunk that is not the next one is told which is.
    assert_eq!(puts(&mut yard.office, edit, content, 0, chunk(&bytes, 0)).await, Carried::Next { nth: 2 });
    assert_eq!(puts(&mut yard.office, edit, content, 7, chunk(&bytes, 2)).await, Carried::Next { nth: 2 });
    // Of another length than it must have, and all of it is thrown away.
    let short = puts(&mut yard.office, edit, content, 2, b"short".to_vec()).await;
    assert!(matches!(short, Carried::Wrong { .. }), "{short:?}");
    assert_eq!(yard.office.carries(offer()).await.expect("answered"), Carried::Next { nth: 0 });
    // Other bytes of the right length are found out with the last of them.
    let other = picture(2);
    let wrong = {
        let mut carried = Carried::Next { nth: 0 };
        while let Carried::Next { nth } = carried {
            carried = puts(&mut yard.office, edit, content, nth, chunk(&other, nth)).await;
        }
        carried
    };
    assert!(matches!(wrong, Carried::Wrong { .. }), "{wrong:?}");
    assert_eq!((yard.count("attachment").await, yard.count("attachment_part").await), (0, 0));
    let doc = yard.doc();
    let get = |nth| Carry::Get { doc, content, nth };
    assert_eq!(yard.office.carries(get(0)).await.expect("answered"), Carried::Missing {});
    assert_eq!(sends_all(&mut yard.office, edit, &bytes).await, Carried::Whole {});
    let mut got = Vec::new();
    for nth in 0..attachment::chunks(bytes.len() as i64) {
        let Carried::Chunk { bytes } = yard.office.carries(get(nth)).await.expect("answered") else {
            panic!()
        };
        got.extend(bytes);
    }
    assert_eq!(got, bytes);
    assert_eq!(yard.office.carries(get(99)).await.expect("answered"), Carried::Missing {});
    yard.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_did_not_attach_is_not_taken_and_what_it_may_not_see_not_given() {
    let mut yard = Yard::opens().await;
    let bytes = picture(3);
    let content = attachment::hash(&bytes);
    let edit = yard.attaches(&bytes).await.id;
    let address = yard.serving.socket();
    let mut dan = Peer::sign_in(&address, "dan", 3).await.expect("signed in");
    let mut max = Peer::sign_in(&address, "max", 2).await.expect("signed in");
    // Another device's edit, an edit that is not there, a content that the edit does not attach.
    for carry in [
        Carry::Offer { edit, content },
        Carry::Put { edit, content, nth: 0, bytes: chunk(&bytes, 0) },
        Carry::Offer { edit: EditId::new(Uuid::now_v7()), content },
    ] {
        assert_eq!(dan.carries(carry).await.expect("answered"), Carried::Unclaimed {});
    }
    let none = Carry::Offer { edit, content: Hash([9; 32]) };
    assert_eq!(yard.office.carries(none).await.expect("answered"), Carried::Unclaimed {});
    assert_eq!(sends_all(&mut yard.office, edit, &bytes).await, Carried::Whole {});

    // The driver's round does not have the order; another manager sees it, but only by a document that refers to it.
    let doc = yard.doc();
    let get = |doc| Carry::Get { doc, content, nth: 0 };
    assert_eq!(dan.carries(get(doc)).await.expect("answered"), Carried::Missing {});
    assert!(matches!(max.carries(get(doc)).await.expect("answered"), Carried::Chunk { .. }));
    let mut other = max.new_page();
    max.does(&mut other, order()).await.expect("another order");
    assert_eq!(max.carries(get(other.addr)).await.expect("answered"), Carried::Missing {});

    // The same content attached on a second device is there already, and stands once.
    let again = max.scribe.edit(&mut other, attach(&bytes));
    let second = again.id;
    max.sends(again).await.expect("it is judged");
    assert_eq!(sends_all(&mut max, second, &bytes).await, Carried::Whole {});
    assert_eq!((yard.count("attachment").await, yard.count("attachment_chunk").await), (1, 4));
    drop((dan, max));
    yard.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_put_the_same_content_do_not_spoil_each_others() {
    let mut yard = Yard::opens().await;
    let (bytes, other) = (picture(4), picture(5));
    let content = attachment::hash(&bytes);
    let edit = yard.attaches(&bytes).await.id;
    let mut max = Peer::sign_in(&yard.serving.socket(), "max", 2).await.expect("signed in");
    let mut page = max.new_page();
    max.does(&mut page, order()).await.expect("an order");
    let claims = max.scribe.edit(&mut page, attach(&bytes));
    let spoils = claims.id;
    max.sends(claims).await.expect("it is judged");
    // One sends other bytes in between.
    assert_eq!(puts(&mut yard.office, edit, content, 0, chunk(&bytes, 0)).await, Carried::Next { nth: 1 });
    assert_eq!(puts(&mut max, spoils, content, 0, chunk(&other, 0)).await, Carried::Next { nth: 1 });
    assert_eq!(sends_all(&mut yard.office, edit, &bytes).await, Carried::Whole {});
    assert_eq!(puts(&mut max, spoils, content, 1, chunk(&other, 1)).await, Carried::Whole {});
    assert_eq!(yard.count("attachment_part").await, 0);
    drop(max);
    yard.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_larger_than_the_server_takes_is_not_taken_whatever_the_device_says() {
    let mut yard = Yard::opens_with(&[("limits.attachment_mib", "1")]).await;
    let most = 1024 * 1024;
    let (large, small) = (picture_of(1024 * 1024, 6), picture(7));
    let content = attachment::hash(&large);
    let edit = yard.attaches(&large).await.id;
    let too_large = Carried::TooLarge { most };
    assert_eq!(yard.office.carries(Carry::Offer { edit, content }).await.expect("answered"), too_large);
    assert_eq!(puts(&mut yard.office, edit, content, 0, chunk(&large, 0)).await, too_large);
    assert_eq!(yard.count("attachment_part").await, 0);
    let edit = yard.attaches(&small).await.id;
    assert_eq!(sends_all(&mut yard.office, edit, &small).await, Carried::Whole {});
    yard.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_will_refer_to_is_cleaned_away_after_thirty_days_and_nothing_else_ever() {
    let mut yard = Yard::opens().await;
    let mut dan = Peer::sign_in(&yard.serving.socket(), "dan", 3).await.expect("signed in");
    let [accepted, whole, begun, waiting, taken, shared] = [11, 12, 13, 14, 15, 16].map(picture);
    // Accepted; held and given up, whole and begun; held and waiting; held and taken; given up by one and accepted of
    // another.
    let own = yard.attaches(&accepted).await.id;
    sends_all(&mut yard.office, own, &accepted).await;
    let mut held = Vec::new();
    for bytes in [&whole, &waiting, &taken, &shared] {
        let edit = yard.is_held_of(&mut dan, bytes).await;
        assert_eq!(sends_all(&mut dan, edit, bytes).await, Carried::Whole {});
        held.push(edit);
    }
    let of_begun = yard.is_held_of(&mut dan, &begun).await;
    let content = attachment::hash(&begun);
    puts(&mut dan, of_begun, content, 0, chunk(&begun, 0)).await;
    let again = yard.attaches(&shared).await.id;
    assert_eq!(sends_all(&mut yard.office, again, &shared).await, Carried::Whole {});
    assert_eq!(yard.cleans_after(1_000).await, 0, "all of them may still be referred to");

    for edit in [held[0], held[3], of_begun] {
        yard.decides(edit, Decision::Discard).await;
    }
    yard.decides(held[2], Decision::Accept).await;
    assert_eq!(yard.cleans_after(29).await, 0, "not so soon");
    assert_eq!((yard.count("attachment").await, yard.count("attachment_part").await), (5, 1));
    assert_eq!(yard.cleans_after(31).await, 2, "what was begun, and what was whole");
    assert_eq!((yard.count("attachment").await, yard.count("attachment_part").await), (4, 0));
    let doc = yard.doc();
    for bytes in [&accepted, &taken, &shared] {
        let get = Carry::Get { doc, content: attachment::hash(bytes), nth: 0 };
        assert!(matches!(yard.office.carries(get).await.expect("answered"), Carried::Chunk { .. }));
    }
    // Offered once more by an edit that was given up, it would be an orphan again; attached anew, it stays.
    let anew = yard.attaches(&whole).await.id;
    assert_eq!(sends_all(&mut yard.office, anew, &whole).await, Carried::Whole {});
    assert_eq!(yard.cleans_after(31).await, 0);
    assert_eq!(yard.count("attachment").await, 5);
    drop(dan);
    yard.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_accepted_entry_attaches_stays_though_nobody_uploads_it_again() {
    let mut yard = Yard::opens().await;
    let mut dan = Peer::sign_in(&yard.serving.socket(), "dan", 3).await.expect("signed in");
    let bytes = picture(21);
    let held = yard.is_held_of(&mut dan, &bytes).await;
    assert_eq!(sends_all(&mut dan, held, &bytes).await, Carried::Whole {});
    // The office attaches the same, and its device is lost before it offers it.
    yard.attaches(&bytes).await;
    yard.decides(held, Decision::Discard).await;
    assert_eq!(yard.cleans_after(31).await, 0);
    let get = Carry::Get { doc: yard.doc(), content: attachment::hash(&bytes), nth: 0 };
    assert!(matches!(yard.office.carries(get).await.expect("answered"), Carried::Chunk { .. }));
    drop(dan);
    yard.ends_well().await;
}
