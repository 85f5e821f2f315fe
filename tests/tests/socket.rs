//! Devices on real sockets, with a real server on a real PostgreSQL; the client's side is written by hand.

mod till;

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use sqlx::{AssertSqlSafe, PgPool};
use till::{TestDatabase, Till};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;
use waybill_server::{
    accounts::{self, NewPerson},
    server::Server,
    settings::{Flags, Settings},
};
use waybill_shared::{
    chain::Cursor,
    edit::{Edit, Verdict},
    id::CompanyId,
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame, batch, decode, encode,
        frame::{DocChange, Entry, FaultCode, Hello, Next, SavedDoc, SignIn, SignedIn, Welcome},
        limits,
    },
    rules::roles::Role,
    scope::{Scope, Scopes},
};

const PASSWORD: &str = "correct horse battery";

/// Longer than any answer takes; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

async fn server(database: &TestDatabase) -> Server {
    let flags = BTreeMap::from([
        ("listen", "127.0.0.1:0".to_owned()),
        ("metrics_listen", "127.0.0.1:0".to_owned()),
        ("database_url", database.url.clone()),
    ]);
    let settings = Settings::from_sources(&Flags { config: None, values: flags }, &|_| None).unwrap();
    Server::start(settings).await.unwrap()
}

async fn person(pool: &PgPool, till: &Till, name: &str) {
    let new = NewPerson {
        id: till.person,
        name: name.into(),
        display_name: None,
        password: PASSWORD.into(),
        roles: till.roles.clone(),
        locations: Vec::new(),
    };
    accounts::create_person(pool, new).await.unwrap();
    // At the place that its orders name, of which the reports alone know.
    sqlx::query(
        "insert into report.locations (location_id, code, name, kind, closed)
         values ($1, 'HS', 'Harbour shop', 'shop', false)
         on conflict do nothing",
    )
    .bind(Uuid::from(till::PLACE))
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("update account.person set locations = array[$1] where id = $2")
        .bind(Uuid::from(till::PLACE))
        .bind(Uuid::from(till.person))
        .execute(pool)
        .await
        .unwrap();
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(address: SocketAddr) -> Self {
        Self(connect_async(format!("ws://{address}{}", protocol::PATH)).await.unwrap().0)
    }

    async fn say(&mut self, frame: &ClientFrame) {
        self.0.send(Message::Binary(encode(frame).into())).await.unwrap();
    }

    /// The next frame; `None` when the server has closed.
    async fn hear(&mut self) -> Option<ServerFrame> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("an answer in time") {
                Some(Ok(Message::Binary(bytes))) => {
                    return Some(decode(&bytes, limits::SERVER_FRAME).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn signs_in(&mut self, till: &Till, name: &str) -> SignedIn {
        self.say(&ClientFrame::SignIn(SignIn {
            protocol: protocol::VERSION,
            name: name.into(),
            password: PASSWORD.into(),
            new_password: None,
            device: till.device,
            device_name: format!("{name}'s till"),
            token: None,
            company: None,
            version: "test".into(),
        }))
        .await;
        match self.hear().await {
            Some(ServerFrame::SignedIn(signed_in)) => signed_in,
            other => panic!("{other:?}"),
        }
    }

    async fn greets(&mut self, token: &[u8], cursor: Option<Cursor>, counter: u64) -> Welcome {
        self.say(&ClientFrame::Hello(Hello {
            protocol: protocol::VERSION,
            version: "test".into(),
            token: token.to_vec(),
            company: None,
            cursor,
            proof: None,
            loaded: None,
            scopes: if cursor.is_some() { at_the_office() } else { Scopes::NONE },
            gaining: None,
            unsure: 0,
            keeps: true,
            counter,
            names: 0,
            waiting: 0,
            commands: 1,
            clock: None,
        }))
        .await;
        match self.hear().await {
            Some(ServerFrame::Welcome(welcome)) => welcome,
            other => panic!("{other:?}"),
        }
    }

    async fn pushes(&mut self, edits: &[Edit]) {
        self.say(&ClientFrame::Push { edits: edits.to_vec(), turn: 0 }).await;
    }

    /// The entries up to the one of this edit, and where they lead.
    async fn entries_until(&mut self, edit: &Edit) -> (Vec<Entry>, Cursor) {
        let mut all = Vec::new();
        loop {
            if let Some(ServerFrame::Entries { entries, upto, .. }) = self.hear().await {
                all.extend(batch::unpack::<Entry>(&entries).unwrap());
                if all.iter().any(|entry| entry.edit == edit.id) {
                    return (all, upto);
                }
            }
        }
    }

    async fn fault(&mut self) -> FaultCode {
        loop {
            match self.hear().await {
                Some(ServerFrame::Fault(fault)) => {
                    assert_eq!(self.hear().await, None, "the server closes after a fault");
                    return fault.code;
                }
                Some(_) => {}
                None => panic!("closed without a word"),
            }
        }
    }
}

fn at_the_office() -> Scopes {
    Scopes::from(vec![Scope::Everyone, Scope::Office, Scope::Shops])
}

/// Someone on a device, signed in and greeted, with everything there was.
async fn at_work(address: SocketAddr, till: &Till, name: &str) -> (Socket, Vec<u8>, Vec<SavedDoc>) {
    let mut socket = Socket::open(address).await;
    let token = socket.signs_in(till, name).await.token;
    let welcome = socket.greets(&token, None, 0).await;
    assert_eq!(welcome.next, Next::Docs);
    let mut docs = Vec::new();
    loop {
        if let Some(ServerFrame::Docs { docs: more, last, .. }) = socket.hear().await {
            docs.extend(batch::unpack::<SavedDoc>(&more).unwrap());
            if last {
                return (socket, token, docs);
            }
        }
    }
}

fn an_order(till: &mut Till) -> (DocAddr, Edit) {
    let addr = till.new_order().into();
    let create = till.create(None);
    (addr, till.edit(addr, create))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_reaches_the_other_device_and_a_retry_doubles_nothing() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let (mut anna, mut bert) = (Till::today(7, &[Role::Sales]), Till::today(8, &[Role::Shop]));
    person(&database.pool, &anna, "anna").await;
    person(&database.pool, &bert, "bert").await;
    let (mut at_anna, token, _) = at_work(server.address(), &anna, "anna").await;
    let (mut at_bert, _, docs) = at_work(server.address(), &bert, "bert").await;
    assert!(docs.is_empty());

    let (addr, create) = an_order(&mut anna);
    at_anna.pushes(std::slice::from_ref(&create)).await;
    let (entries, upto) = at_anna.entries_until(&create).await;
    assert_eq!(entries[0].verdict.as_ref().unwrap().verdict, Verdict::Accepted);
    let (entries, _) = at_bert.entries_until(&create).await;
    assert_eq!(entries[0].verdict, None, "whose edit it is, is not the other's business");
    let changes: Vec<DocChange> = entries.into_iter().flat_map(|entry| entry.changes).collect();
    changes.iter().for_each(|change| bert.take(change));
    assert_eq!(bert.doc(addr).heads(), anna.doc(addr).heads());

    // The acknowledgement was lost: she sends it again.
    at_anna.pushes(std::slice::from_ref(&create)).await;
    let again = loop {
        if let Some(ServerFrame::Again { entries }) = at_anna.hear().await {
            break batch::unpack::<Entry>(&entries).unwrap();
        }
    };
    assert_eq!((again[0].edit, again[0].pos), (create.id, 1));
    let mut back = Socket::open(server.address()).await;
    let welcome = back.greets(&token, Some(upto), 1).await;
    assert_eq!((welcome.next, welcome.head, welcome.counter), (Next::Nothing, None, 1));

    // What bert does on it comes to her, and a new device gets the document whole.
    let payment = bert.payment("60");
    let payment = bert.edit(addr, payment);
    at_bert.pushes(std::slice::from_ref(&payment)).await;
    let (entries, _) = back.entries_until(&payment).await;
    entries.iter().flat_map(|entry| &entry.changes).for_each(|change| anna.take(change));
    let carl = Till::today(9, &[Role::Analyst]);
    person(&database.pool, &carl, "carl").await;
    let (_, _, docs) = at_work(server.address(), &carl, "carl").await;
    let doc = waybill_shared::doc::Doc::load(addr.kind, &docs[0].saved).unwrap();
    assert_eq!((docs.len(), doc.heads()), (1, anna.doc(addr).heads()));
    server.drain(std::future::pending()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_a_later_version_waits_and_what_comes_with_it_is_taken() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let mut anna = Till::today(7, &[Role::Sales]);
    person(&database.pool, &anna, "anna").await;
    let (mut at_anna, ..) = at_work(server.address(), &anna, "anna").await;
    let (_, create) = an_order(&mut anna);
    let (other, another) = an_order(&mut anna);
    let payment = anna.payment("60");
    let payment = anna.edit(other, payment);
    let mut bytes =
        encode(&ClientFrame::Push { edits: vec![create.clone(), another, payment.clone()], turn: 0 });
    let name = b"order.take_payment/";
    let at = bytes.windows(name.len()).position(|part| part == name).unwrap() + name.len();
    bytes[at] = b'9';
    at_anna.0.send(Message::Binary(bytes.into())).await.unwrap();
    let (mut waits, mut taken) = (None, None);
    while waits.is_none() || taken.is_none() {
        match at_anna.hear().await {
            Some(ServerFrame::RetryLater { edits, words, .. }) => waits = Some((edits, words)),
            Some(ServerFrame::Entries { entries, .. }) => {
                let entries = batch::unpack::<Entry>(&entries).unwrap();
                taken = entries.into_iter().find(|entry| entry.edit == create.id).or(taken);
            }
            other => assert!(other.is_some(), "the server closed"),
        }
    }
    let (edits, words) = waits.unwrap();
    assert_eq!(edits, [payment.id]);
    assert!(words.contains("once the server is updated"), "{words}");
    assert_eq!(taken.unwrap().verdict.unwrap().verdict, Verdict::Accepted);
    // Spelt as the server knows it, it is taken like any other.
    at_anna.pushes(std::slice::from_ref(&payment)).await;
    let (entries, _) = at_anna.entries_until(&payment).await;
    assert_eq!(entries.last().unwrap().verdict.as_ref().unwrap().verdict, Verdict::Accepted);
    server.drain(std::future::pending()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_frames_get_a_stated_answer_and_others_notice_nothing() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let mut anna = Till::today(7, &[Role::Sales]);
    person(&database.pool, &anna, "anna").await;
    let (mut at_anna, token, _) = at_work(server.address(), &anna, "anna").await;

    let nested = [vec![0x81; 5_000], vec![0]].concat();
    let truncated = encode(&ClientFrame::Push { edits: vec![], turn: 0 })[..3].to_vec();
    for bytes in [nested, truncated, b"hello".to_vec(), vec![]] {
        let mut socket = Socket::open(server.address()).await;
        socket.0.send(Message::Binary(bytes.into())).await.unwrap();
        assert_eq!(socket.fault().await, FaultCode::BadFrame);
    }
    let mut text = Socket::open(server.address()).await;
    text.0.send(Message::Text("{}".into())).await.unwrap();
    assert_eq!(text.fault().await, FaultCode::BadFrame);
    let mut oversized = Socket::open(server.address()).await;
    let _ = oversized.0.send(Message::Binary(vec![0; limits::CLIENT_FRAME + 1].into())).await;
    while oversized.hear().await.is_some() {}

    let mut early = Socket::open(server.address()).await;
    early.pushes(&[]).await;
    assert_eq!(early.fault().await, FaultCode::OutOfPlace);
    let mut unknown = Socket::open(server.address()).await;
    unknown
        .say(&ClientFrame::Hello(Hello {
            protocol: protocol::VERSION,
            version: "test".into(),
            token: vec![1; 32],
            company: None,
            cursor: None,
            proof: None,
            loaded: None,
            scopes: Scopes::NONE,
            gaining: None,
            unsure: 0,
            keeps: true,
            counter: 0,
            names: 0,
            waiting: 0,
            commands: 1,
            clock: None,
        }))
        .await;
    assert_eq!(unknown.fault().await, FaultCode::SignedOut);

    let (_, mut forged) = an_order(&mut anna);
    forged.device = Till::new(8, &[]).device;
    let mut forger = Socket::open(server.address()).await;
    forger.greets(&token, None, 0).await;
    forger.pushes(&[forged]).await;
    assert_eq!(forger.fault().await, FaultCode::Forged);

    // Thousands of tiny frames, each with an edit that is answered.
    let mut last = None;
    for _ in 0..2_000 {
        let (_, edit) = an_order(&mut anna);
        at_anna.pushes(std::slice::from_ref(&edit)).await;
        last = Some(edit);
    }
    at_anna.entries_until(&last.unwrap()).await;

    let accepted: i64 = sqlx::query_scalar("select count(*) from sync.edit where verdict = 'accepted'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(accepted, 2_000);
    server.drain(std::future::pending()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_gives_every_pushed_edit_its_verdict_first() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let mut anna = Till::today(7, &[Role::Sales]);
    person(&database.pool, &anna, "anna").await;
    let (mut at_anna, ..) = at_work(server.address(), &anna, "anna").await;
    let edits: Vec<Edit> = (0..200).map(|_| an_order(&mut anna).1).collect();
    at_anna.pushes(&edits).await;
    // The first verdict shows that the push was taken.
    let (mut entries, _) = at_anna.entries_until(&edits[0]).await;
    let stopping = tokio::spawn(server.drain(std::future::pending()));
    let fault = loop {
        match at_anna.hear().await {
            Some(ServerFrame::Entries { entries: more, .. }) => {
                entries.extend(batch::unpack::<Entry>(&more).unwrap());
            }
            Some(ServerFrame::Fault(fault)) => break fault.code,
            Some(_) => {}
            None => panic!("closed without a word"),
        }
    };
    assert_eq!(fault, FaultCode::Unavailable);
    stopping.await.unwrap().unwrap();
    let written: i64 =
        sqlx::query_scalar("select count(*) from sync.edit").fetch_one(&database.pool).await.unwrap();
    assert_eq!((entries.len(), written), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_device_is_refused_before_anything_is_looked_at() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let anna = Till::today(7, &[Role::Sales]);
    person(&database.pool, &anna, "anna").await;
    let mut socket = Socket::open(server.address()).await;
    let (token, ours) = {
        let signed_in = socket.signs_in(&anna, "anna").await;
        (signed_in.token, signed_in.company)
    };
    assert_eq!(socket.greets(&token, None, 0).await.company, Some(ours));
    let stored: uuid::Uuid =
        sqlx::query_scalar("select id from sync.company").fetch_one(&database.pool).await.unwrap();
    assert_eq!(uuid::Uuid::from(ours), stored);

    // Name and password are right, and so is the token.
    let other = Some(CompanyId::new(uuid::Uuid::from_u128(1)));
    let stranger = Till::today(8, &[Role::Sales]);
    let sign_in = SignIn {
        protocol: protocol::VERSION,
        name: "anna".into(),
        password: PASSWORD.into(),
        new_password: None,
        device: stranger.device,
        device_name: "Elsewhere".into(),
        token: None,
        company: other,
        version: "test".into(),
    };
    let hello = Hello {
        protocol: protocol::VERSION,
        version: "test".into(),
        token,
        company: other,
        cursor: None,
        proof: None,
        loaded: None,
        scopes: Scopes::NONE,
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: 0,
        waiting: 0,
        commands: 1,
        clock: None,
    };
    for frame in [ClientFrame::SignIn(sign_in), ClientFrame::Hello(hello)] {
        let mut socket = Socket::open(server.address()).await;
        socket.say(&frame).await;
        assert_eq!(socket.fault().await, FaultCode::OtherCompany);
    }
    let devices: i64 =
        sqlx::query_scalar("select count(*) from account.device").fetch_one(&database.pool).await.unwrap();
    assert_eq!(devices, 1, "nobody was enrolled on the stranger's device");
    server.drain(std::future::pending()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_up_does_not_wait_until_a_first_sync_has_come_down_a_slow_line() {
    const DOCUMENTS: usize = 24_000;
    let database = TestDatabase::new().await;
    // A kibibyte each that does not compress: more, and in more pages, than all buffers on the way hold.
    sqlx::raw_sql(AssertSqlSafe(format!(
        "create table large as
             select gen_random_uuid() as id, (
                 select decode(string_agg(md5(random()::text || part), ''), 'hex')
                 from generate_series(1, 64) part where nth > 0
             ) as saved
             from generate_series(1, {DOCUMENTS}) nth;
         insert into sync.document (kind, id, generation, scopes, heads, version, snap_version)
             select 3, id, 0, '{{everyone}}', decode(repeat('00', 32), 'hex'), 1, 1 from large;
         insert into sync.snapshot (kind, id, pos, saved) select 3, id, 0, saved from large;"
    )))
    .execute(&database.pool)
    .await
    .unwrap();
    let server = server(&database).await;
    let mut anna = Till::today(7, &[Role::Sales]);
    person(&database.pool, &anna, "anna").await;
    let mut socket = Socket::open(server.address()).await;
    let token = socket.signs_in(&anna, "anna").await.token;
    assert_eq!(socket.greets(&token, None, 0).await.next, Next::Docs);

    // Nothing more is taken from the line until the edit is judged.
    let (_, create) = an_order(&mut anna);
    socket.pushes(std::slice::from_ref(&create)).await;
    let judged = async {
        let asked = "select exists (select from sync.edit where id = $1 and verdict = 'accepted')";
        while !sqlx::query_scalar(asked)
            .bind(uuid::Uuid::from(create.id))
            .fetch_one(&database.pool)
            .await
            .unwrap_or(false)
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, judged).await.expect("it is judged while the documents wait");

    let mut loaded = 0;
    loop {
        if let Some(ServerFrame::Docs { docs, last, .. }) = socket.hear().await {
            loaded += batch::unpack::<SavedDoc>(&docs).unwrap().len();
            if last {
                break;
            }
        }
    }
    assert!(loaded >= DOCUMENTS, "{loaded} documents came");
    // Its verdict comes where it stands on the log.
    let (entries, _) = socket.entries_until(&create).await;
    assert_eq!(entries.last().unwrap().verdict.as_ref().unwrap().verdict, Verdict::Accepted);
    server.drain(std::future::pending()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_back_on_one_more_socket_works_there_and_its_oldest_goes() {
    let database = TestDatabase::new().await;
    let server = server(&database).await;
    let mut anna = Till::today(7, &[Role::Sales]);
    let bert = Till::today(8, &[Role::Shop]);
    person(&database.pool, &anna, "anna").await;
    person(&database.pool, &bert, "bert").await;
    let (mut at_bert, ..) = at_work(server.address(), &bert, "bert").await;
    let (oldest, token, _) = at_work(server.address(), &anna, "anna").await;
    let mut sockets = vec![oldest];
    while sockets.len() <= limits::SOCKETS {
        let mut socket = Socket::open(server.address()).await;
        socket.greets(&token, None, 0).await;
        sockets.push(socket);
    }
    let mut newest = sockets.pop().unwrap();
    let (_, create) = an_order(&mut anna);
    newest.pushes(std::slice::from_ref(&create)).await;
    let (entries, _) = newest.entries_until(&create).await;
    assert_eq!(entries.last().unwrap().verdict.as_ref().unwrap().verdict, Verdict::Accepted);
    assert_eq!(sockets.remove(0).fault().await, FaultCode::Unavailable);
    // The others of hers and those of others hear of it as before.
    for socket in sockets.iter_mut().chain([&mut at_bert]) {
        socket.entries_until(&create).await;
    }

    // Where one has ended, there is room for another.
    drop(sockets.remove(0));
    let ended = async {
        while server.app().hub.tail.followers() > limits::SOCKETS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("it ends in time");
    let mut another = Socket::open(server.address()).await;
    another.greets(&token, None, 1).await;
    let (_, create) = an_order(&mut anna);
    newest.pushes(std::slice::from_ref(&create)).await;
    for socket in sockets.iter_mut().chain([&mut newest, &mut another, &mut at_bert]) {
        socket.entries_until(&create).await;
    }
    server.drain(std::future::pending()).await.unwrap();
}
