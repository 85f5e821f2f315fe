//! Every frame, the verdicts, and what is in a batch.

use waybill_shared::{
    chain::Cursor,
    command::Command,
    digest::Digest,
    doc::Hash,
    edit::{Edit, EditKind, Made, Override, Part, Verdict},
    finding::{Finding, Rule},
    id::EditId,
    kind::DocAddr,
    money::{Amount, Currency},
    order::commands::{Note, SetQuantity},
    protocol::{
        ClientFrame, ServerFrame,
        attachment::{Carried, Carry},
        batch,
        frame::{
            DeviceName, DocChange, DocHeads, Entry, Fault, FaultCode, Gaining, Grant, Hello, Names, Next,
            OwnVerdict, PersonName, SavedDoc, SignIn, SignedIn, Welcome, Why,
        },
        question::{Answer, HeldPage, HeldQuestion, Question},
    },
    quantity::Quantity,
    review::{Decided, Decision, Does, HeldEdit},
    rules::roles::Role,
    scope::{Scope, Scopes},
};

use super::{
    Example,
    commands::first_change,
    hex_lines,
    world::{at, booked, company, contact, device, edit, fact, line_id, location, order, person},
};

/// Tokens and hashes that stand for any.
const TOKEN: [u8; 32] = [0x70; 32];
const CONTENT: Hash = Hash([0xc0; 32]);

pub fn all() -> Vec<Example> {
    let mut all = client();
    all.extend(server());
    all.extend(verdicts());
    all.extend(batches());
    all
}

fn client() -> Vec<Example> {
    let frame = |name: &str, frame: ClientFrame| Example::cbor(name, &frame);
    vec![
        frame(
            "sign_in",
            ClientFrame::SignIn(SignIn {
                protocol: 1,
                name: "ida".to_owned(),
                password: "correct horse".to_owned(),
                new_password: None,
                device: device(),
                device_name: "Till 1".to_owned(),
                version: "0.1.0".to_owned(),
                token: None,
                company: None,
            }),
        ),
        frame(
            "sign_in, with a code",
            ClientFrame::SignIn(SignIn {
                protocol: 1,
                name: "ida".to_owned(),
                password: "7K2MD-0QX4T-9WBZC-HJ5RE".to_owned(),
                new_password: Some("correct horse".to_owned()),
                device: device(),
                device_name: "Till 1".to_owned(),
                version: "0.1.0".to_owned(),
                token: None,
                company: None,
            }),
        ),
        frame("hello", ClientFrame::Hello(hello(None))),
        frame(
            "hello, later",
            ClientFrame::Hello(Hello { names: 12, clock: Some(at(3)), ..hello(Some(cursor(5210))) }),
        ),
        frame(
            "hello, while scopes are gained",
            ClientFrame::Hello(Hello {
                names: 13,
                gaining: Some(Gaining {
                    scopes: Scope::Driver(person(1)).into(),
                    loaded: Some(order(1).into()),
                }),
                ..hello(Some(cursor(5210)))
            }),
        ),
        frame(
            "hello, without documents",
            ClientFrame::Hello(Hello {
                keeps: false,
                scopes: Scopes::NONE,
                counter: 17,
                ..hello(Some(cursor(5210)))
            }),
        ),
        frame("push", ClientFrame::Push { edits: vec![with_hash()], turn: 0 }),
        frame("push, without documents", ClientFrame::Push { edits: vec![without_hash()], turn: 0 }),
        frame("push, overriding", ClientFrame::Push { edits: vec![overriding()], turn: 0 }),
        frame("discard", ClientFrame::Discard { edits: vec![edit(2), edit(3)] }),
        frame("heads", ClientFrame::Heads { scope: Scope::Office }),
        frame("fetch", ClientFrame::Fetch { docs: vec![order(1).into(), order(2).into()] }),
        frame("done", ClientFrame::Done {}),
        frame("carry", ClientFrame::Carry { id: 3, carry: Carry::Offer { edit: edit(1), content: CONTENT } }),
        frame(
            "carry, a chunk",
            ClientFrame::Carry {
                id: 4,
                carry: Carry::Put { edit: edit(1), content: CONTENT, nth: 0, bytes: vec![0xff, 0xd8, 0xff] },
            },
        ),
        frame(
            "carry, to look at",
            ClientFrame::Carry {
                id: 5,
                carry: Carry::Get { doc: order(1).into(), content: CONTENT, nth: 0 },
            },
        ),
        frame("ask", ask(1, HeldQuestion::List { after: Some(5210) })),
        frame("ask, a decision", ask(2, decide("It was a trial."))),
    ]
}

fn server() -> Vec<Example> {
    let frame = |name: &str, frame: ServerFrame| Example::cbor(name, &frame);
    let only_push = Welcome {
        protocol: 1,
        company: None,
        time: at(0),
        next: Next::PushOnly,
        head: None,
        proof: None,
        digest: None,
        counter: 17,
        attachment: None,
    };
    let digests = || vec![(Scope::Everyone, Digest(0x11)), (Scope::Office, Digest(u128::MAX))];
    vec![
        frame(
            "signed_in",
            ServerFrame::SignedIn(SignedIn {
                token: TOKEN.to_vec(),
                person: person(1),
                display: contact().name.unwrap_or_default(),
                roles: vec![Role::Sales, Role::Shop],
                device_code: "T1".to_owned(),
                company: company(),
            }),
        ),
        frame("welcome, to a device that only pushes", ServerFrame::Welcome(only_push)),
        frame("wipe", ServerFrame::Wipe { by: "Oak & Ash".to_owned() }),
        frame(
            "welcome",
            ServerFrame::Welcome(Welcome {
                protocol: 1,
                company: Some(company()),
                time: at(0),
                next: Next::Entries,
                head: Some(cursor(5214)),
                proof: None,
                digest: None,
                counter: 17,
                attachment: Some(20 * 1024 * 1024),
            }),
        ),
        frame(
            "welcome, when nothing is new",
            ServerFrame::Welcome(Welcome {
                protocol: 1,
                company: None,
                time: at(0),
                next: Next::Nothing,
                head: None,
                proof: Some(proof()),
                digest: Some(Digest(0x11)),
                counter: 17,
                attachment: None,
            }),
        ),
        frame(
            "names",
            ServerFrame::Names(Names {
                version: 12,
                since: 0,
                people: vec![PersonName {
                    id: person(1),
                    name: "Ida Weber".to_owned(),
                    roles: vec![Role::Sales, Role::Shop],
                }],
                devices: vec![DeviceName { id: device(), code: "T1".to_owned(), name: "Till 1".to_owned() }],
                here: vec![Grant {
                    person: person(1),
                    roles: vec![Role::Sales, Role::Shop],
                    locations: vec![location()],
                    unlocked: Some(at(90)),
                }],
                encrypt: true,
            }),
        ),
        frame("scopes", ServerFrame::Scopes { scopes: a_shop() }),
        frame(
            "docs",
            ServerFrame::Docs {
                docs: batch::pack(&[heads()]),
                why: Why::First,
                last: false,
                at: cursor(5214),
                proof: Some(proof()),
            },
        ),
        frame(
            "entries",
            ServerFrame::Entries {
                entries: batch::pack(&[refused_entry()]),
                upto: cursor(5214),
                proof: Some(proof()),
                digests: Some(digests()),
            },
        ),
        frame("again", ServerFrame::Again { entries: batch::pack(&[refused_entry()]) }),
        frame(
            "heads_of",
            ServerFrame::HeadsOf { scope: Scope::Office, heads: batch::pack(&[heads()]), at: cursor(5214) },
        ),
        frame(
            "retry_later",
            ServerFrame::RetryLater {
                after_ms: 5000,
                words: "The server cannot save now. It will try again.".to_owned(),
                edits: Vec::new(),
            },
        ),
        frame(
            "retry_later, of one edit",
            ServerFrame::RetryLater {
                after_ms: 5000,
                words: "The server gives no numbers until an admin has confirmed the last one.".to_owned(),
                edits: vec![edit(1)],
            },
        ),
        frame("carried", ServerFrame::Carried { id: 3, carried: Carried::Next { nth: 0 } }),
        frame("carried, all of it", ServerFrame::Carried { id: 4, carried: Carried::Whole {} }),
        frame(
            "answer",
            ServerFrame::Answer {
                id: 1,
                answer: Answer::Held(HeldPage { entries: vec![held()], total: 1, next: None }),
            },
        ),
        frame(
            "answer, somebody else decided",
            ServerFrame::Answer { id: 2, answer: Answer::Meanwhile(decided()) },
        ),
        frame(
            "answer, declined",
            ServerFrame::Answer {
                id: 2,
                answer: Answer::Declined {
                    findings: vec![Finding::new(
                        Rule::NotPermitted,
                        "As driver you may not decide on what is held.",
                        "Ask somebody to do it who is admin or manager.",
                    )],
                },
            },
        ),
        frame(
            "fault",
            ServerFrame::Fault(Fault {
                code: FaultCode::SignedOut,
                words: "This device was signed out. Sign in again; nothing on it is lost.".to_owned(),
            }),
        ),
    ]
}

fn verdicts() -> Vec<Example> {
    let verdict = |name: &str, verdict: Verdict| Example::cbor(format!("verdict {name}"), &verdict);
    vec![
        verdict("accepted", Verdict::Accepted),
        verdict("rewritten", Verdict::Rewritten),
        verdict("refused", Verdict::Refused { findings: vec![Finding::changed("quantity", "4", "6")] }),
        verdict(
            "blocked",
            Verdict::Blocked {
                by: edit(2),
                findings: vec![Finding::new(
                    Rule::NeedsRefused,
                    "It needs an entry that was refused.",
                    "Settle that one first.",
                )],
            },
        ),
        verdict(
            "held",
            Verdict::Held {
                findings: vec![Finding::new(
                    Rule::NotPermitted,
                    "As warehouse you may not sell over the counter.",
                    "Ask somebody to do it who is admin, manager or shop.",
                )],
            },
        ),
        verdict("discarded", Verdict::GIVEN_UP),
        verdict("discarded, by a manager", Verdict::Discarded { by: Some(decided()) }),
    ]
}

/// What is in a batch, unpacked.
fn batches() -> Vec<Example> {
    let (doc, _, _, change) = first_change();
    let scopes = Scopes::from(vec![Scope::Office, Scope::Location(location())]);
    let entry = Entry {
        pos: 5211,
        edit: edit(1),
        verdict: Some(OwnVerdict::new(0, Verdict::Accepted)),
        changes: vec![DocChange {
            part: 0,
            doc,
            generation: 2,
            scopes: scopes.clone(),
            hash: change.hash,
            bytes: change.bytes.clone(),
        }],
        reveal: Vec::new(),
        forget: Vec::new(),
        erased: Vec::new(),
    };
    let saved = SavedDoc { doc, scopes, saved: vec![0x85, 0x6f, 0x4a, 0x83] };
    let moved = Entry {
        pos: 5213,
        edit: edit(3),
        verdict: None,
        changes: Vec::new(),
        reveal: vec![saved.clone()],
        forget: vec![order(2).into()],
        erased: vec![order(3).into()],
    };
    vec![
        Example::cbor("batch of entries", &vec![entry, refused_entry(), moved]),
        Example::cbor("batch of documents", &vec![saved]),
        Example::cbor("batch of heads", &vec![heads()]),
        Example::new("batch as it travels", hex_lines(&batch::pack(&[heads()]))),
    ]
}

fn hello(cursor: Option<Cursor>) -> Hello {
    Hello {
        protocol: 1,
        version: "0.1.0".to_owned(),
        token: TOKEN.to_vec(),
        company: Some(company()),
        cursor,
        proof: cursor.map(|_| proof()),
        loaded: None,
        scopes: if cursor.is_some() { a_shop() } else { Scopes::NONE },
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: 0,
        waiting: 0,
        commands: 1,
        clock: None,
    }
}

/// To others it is bytes.
fn proof() -> Vec<u8> {
    vec![0x5a; 24]
}

fn ask(id: u32, question: HeldQuestion) -> ClientFrame {
    ClientFrame::Ask { id, person: person(2), question: Question::Held(question) }
}

fn decide(reason: &str) -> HeldQuestion {
    let (decision, reason) = (Decision::Discard, reason.to_owned());
    HeldQuestion::Decide { edit: edit(2), attempt: 0, decision, reason }
}

fn decided() -> Decided {
    Decided { decision: Decision::Discard, by: person(2), at: at(0), reason: "It was a trial.".to_owned() }
}

fn held() -> HeldEdit {
    HeldEdit {
        edit: edit(2),
        attempt: 0,
        kind: EditKind::Facts,
        person: person(1),
        device: device(),
        at: at(2),
        booked: booked(),
        does: vec![Does {
            doc: order(1).into(),
            words: "Took € 20.00 by cash · order T1-7".to_owned(),
            worth: Some((Amount::from_minor(2000, 2), Currency::EUR)),
        }],
        findings: vec![Finding::new(
            Rule::NotPermitted,
            "As driver you may take a payment only for orders of the own round.",
            "A manager looks at it.",
        )],
    }
}

fn cursor(pos: u64) -> Cursor {
    Cursor { pos, chain: Hash([0xcc; 32]) }
}

fn heads() -> DocHeads {
    let (doc, _, _, change) = first_change();
    DocHeads { doc, heads: vec![change.hash] }
}

fn refused_entry() -> Entry {
    let findings = vec![Finding::changed("quantity", "4", "6")];
    Entry {
        pos: 5212,
        edit: edit(2),
        verdict: Some(OwnVerdict::new(1, Verdict::Refused { findings })),
        changes: Vec::new(),
        reveal: Vec::new(),
        forget: Vec::new(),
        erased: Vec::new(),
    }
}

/// What somebody in a shop may see.
fn a_shop() -> Scopes {
    Scopes::from(vec![Scope::Everyone, Scope::Shops, Scope::Location(location())])
}

fn an_edit(nth: u64, kind: EditKind, doc: DocAddr, command: Command, made: Option<Made>) -> Edit {
    Edit {
        id: edit(nth),
        kind,
        person: person(1),
        device: device(),
        counter: nth,
        attempt: 0,
        booked: booked(),
        parts: vec![Part { doc, command, at: at(nth), made }],
        after: Vec::new(),
        overriding: None,
    }
}

fn with_hash() -> Edit {
    let (doc, command, base, change) = first_change();
    let made = Made {
        actor: super::world::actor(),
        seq: change.seq,
        deps: base.heads().to_vec(),
        hash: Some(change.hash),
        base: Vec::new(),
    };
    an_edit(1, EditKind::Requests, doc, command, Some(made))
}

fn without_hash() -> Edit {
    let note = Note { id: fact(1), text: "Ring twice.".to_owned() };
    an_edit(2, EditKind::Facts, order(1).into(), note.into(), None)
}

fn overriding() -> Edit {
    let set = SetQuantity { line: line_id(1), was: Quantity::new(3), now: Quantity::new(40) };
    let needs: EditId = edit(2);
    Edit {
        after: vec![needs],
        overriding: Some(Override { approver: person(2), reason: "A customer of twenty years.".to_owned() }),
        ..an_edit(3, EditKind::Requests, order(1).into(), set.into(), None)
    }
}
