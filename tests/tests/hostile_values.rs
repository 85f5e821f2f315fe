//! Values that no honest person enters, each sent to a real server: what it answers, what a manager then sees, and that
//! the books and a neighbour notice nothing.

mod goods;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use uuid::Uuid;
use waybill_server::{accounts::devices, check};
use waybill_shared::{
    command::Command,
    customer,
    edit::{Edit, Part, Verdict},
    finding::{FINDINGS, Rule},
    id::{CustomerId, EditId, OrderId, PersonId, ProductId, ProductTermsId, SettingsId},
    kind::DocAddr,
    location,
    money::Currency,
    order::commands::OrderCommand,
    order::commands::{AssignDriver, Create, SetReference, Tag},
    product,
    protocol::{
        ClientFrame, ServerFrame,
        frame::{FaultCode, Hello, SignIn},
        question::{Answer, DeviceQuestion, HeldQuestion, Question},
    },
    review::Decision,
    rules::roles::Role,
    settings::{self, Limit, SetLimit},
    time::{Booked, Month},
};
use waybill_tests::{
    peer::{Peer, hello},
    serving::{PASSWORD, Serving},
    wire::Wire,
};

use goods::{amount, hand_over, note, order, payment, sale};

struct Stage {
    serving: Serving,
    peer: Peer,
    counter: u64,
}

/// What the server says of an edit.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Stands,
    /// By this rule, about this field.
    Refused(Rule, &'static str),
    Held(Rule, &'static str),
}

use Said::{Held, Refused, Stands};

impl Stage {
    async fn new() -> Self {
        let serving = Serving::start().await.expect("a server starts");
        serving.add_person("ida", Role::Admin).await.expect("a person is added");
        let peer = Peer::sign_in(&serving.socket(), "ida", 1).await.expect("she signs in");
        Self { serving, peer, counter: 0 }
    }

    fn edit(&mut self, doc: impl Into<DocAddr>, command: impl Into<Command>) -> Edit {
        let command = command.into();
        self.counter += 1;
        let scribe = &mut self.peer.scribe;
        scribe.at = scribe.at.plus_ms(1);
        Edit {
            id: EditId::new(Uuid::now_v7()),
            kind: command.kind(),
            person: scribe.person,
            device: scribe.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(scribe.at.utc().date_naive()),
            parts: vec![Part { doc: doc.into(), command, at: scribe.at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    /// Connected anew, it has the rights that it has now.
    async fn comes_back(&mut self) {
        self.peer.come_back(&self.serving.socket()).await.expect("it is welcomed");
    }

    async fn verdict(&mut self, edit: Edit) -> Verdict {
        self.peer.sends(edit).await.expect("it is judged").0
    }

    async fn says(&mut self, what: &str, edit: Edit, said: Said) {
        let verdict = self.verdict(edit).await;
        let first = verdict.findings().first();
        let (rule, field) =
            first.map_or((Rule::Unknown, ""), |found| (found.rule, found.field.as_deref().unwrap_or("")));
        let fits = match &said {
            Stands => verdict.stands(),
            Refused(by, about) => {
                matches!(verdict, Verdict::Refused { .. }) && rule == *by && field.contains(about)
            }
            Held(by, about) => {
                matches!(verdict, Verdict::Held { .. }) && rule == *by && field.contains(about)
            }
        };
        assert!(fits, "{what}: {said:?} was due, but it was {verdict:?}");
        assert!(
            verdict.findings().iter().all(|f| !f.what.is_empty() && !f.remedy.is_empty()),
            "{what}: words"
        );
    }

    /// An order to do something on.
    async fn order(&mut self) -> OrderId {
        let id = OrderId::new(Uuid::now_v7());
        let edit = self.edit(id, order("N-1"));
        self.says("an order", edit, Stands).await;
        id
    }

    fn today(&self) -> NaiveDate {
        self.peer.scribe.at.utc().date_naive()
    }

    fn back(&self, days: u64) -> Booked {
        Booked::on(self.today() - Days::new(days))
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.serving.server.app().pool).await.expect("a number")
    }

    async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop(self.peer);
        self.serving.stop().await.expect("the server stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_months_that_are_none_or_too_far() {
    let mut stage = Stage::new().await;
    let order = stage.order().await;
    let today = stage.today();
    let on = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    let month = |number| Booked { day: today, month: Month::numbered(number) };
    let malformed = || Refused(Rule::Malformed, "booked");
    let far = || Held(Rule::Implausible, "booked");
    for (what, booked, of_fact) in [
        ("month 999999", month(999_999), malformed()),
        ("month 0", month(0), malformed()),
        ("month 202613", month(202_613), malformed()),
        ("a month below zero", month(-202_611), malformed()),
        ("the lowest month", month(i32::MIN), malformed()),
        (
            "a month before its day",
            Booked { day: today, month: Month::of(today - Days::new(40)) },
            malformed(),
        ),
        ("a day in the year 1", Booked::on(on(1, 1, 1)), malformed()),
        ("a day in the year 9999", Booked::on(on(9999, 12, 31)), malformed()),
        ("a day before Christ", Booked::on(on(-44, 3, 15)), malformed()),
        ("two years back", stage.back(730), far()),
        ("in 1970", Booked::on(on(1970, 1, 1)), Held(Rule::OutsideLimits, "booked")),
        ("next month", Booked::on(today + Days::new(40)), far()),
        ("a month far ahead", month(219_912), Held(Rule::OutsideLimits, "booked")),
        ("yesterday", stage.back(1), Stands),
        ("a hundred days back", stage.back(100), Stands),
    ] {
        let of_request = match &of_fact {
            Held(rule, field) => Refused(*rule, field),
            Refused(rule, field) => Refused(*rule, field),
            Stands => Stands,
        };
        let fact = Edit { booked, ..stage.edit(order, note(what)) };
        stage.says(&format!("a fact, {what}"), fact, of_fact).await;
        let request = Edit { booked, ..stage.edit(order, Tag { tag: what.to_owned() }) };
        stage.says(&format!("a request, {what}"), request, of_request).await;
    }
    assert_eq!(
        stage.number("select count(*) from report.orders where created_month < '2000-01-01'").await,
        0
    );

    // An admin sets how far back, and lets an import go further.
    let company = settings::Create {
        company: "Oak".to_owned(),
        zone: chrono_tz::UTC,
        currency: Currency::EUR,
        tax_classes: BTreeMap::new(),
        no_customer: BTreeMap::new(),
    };
    let edit = stage.edit(SettingsId::ONLY, company);
    stage.says("settings", edit, Stands).await;
    let edit = stage.edit(SettingsId::ONLY, SetLimit { limit: Limit::BookedBack(10) });
    stage.says("ten days back", edit, Stands).await;
    let fact = Edit { booked: stage.back(20), ..stage.edit(order, note("late")) };
    stage.says("further back than the settings say", fact, far()).await;
    let device = stage.peer.scribe.device.to_string();
    let pool = stage.serving.server.app().pool.clone();
    devices::book_history(&pool, &device, true).await.expect("an admin allows it");
    stage.comes_back().await;
    let fact = Edit { booked: stage.back(20), ..stage.edit(order, note("late once more")) };
    stage.says("an import of the last weeks", fact, Stands).await;
    let fact = Edit { booked: Booked::on(today + Days::new(40)), ..stage.edit(order, note("ahead")) };
    stage.says("an import from times to come", fact, far()).await;
    let old = stage.back(4_000);
    let fact = Edit { booked: old, ..stage.edit(order, note("of old")) };
    stage.says("an import of what was before", fact, Stands).await;
    let request = Edit { booked: old, ..stage.edit(order, Tag { tag: "old".to_owned() }) };
    stage.says("an import of what was asked for before", request, Stands).await;
    let fact = Edit { booked: Booked::on(on(1066, 10, 14)), ..stage.edit(order, note("of very old")) };
    stage.says("not even an import", fact, malformed()).await;
    devices::book_history(&pool, &device, false).await.expect("and takes it back");
    stage.comes_back().await;
    let fact = Edit { booked: old, ..stage.edit(order, note("once more")) };
    stage.says("an import that is over", fact, Held(Rule::OutsideLimits, "booked")).await;
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_and_money_beyond_all_likelihood() {
    let mut stage = Stage::new().await;
    let order = stage.order().await;
    let far = |field| Held(Rule::Implausible, field);
    let new = || OrderId::new(Uuid::now_v7());
    let set_price = |price: &str| {
        Command::from(product::SetPrice {
            id: Uuid::now_v7().into(),
            price: amount(price),
            currency: Currency::EUR,
            tax_included: true,
            from: NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"),
        })
    };
    let shelf = DocAddr::from(ProductId::new(Uuid::now_v7()));
    let cases: [(&str, DocAddr, Command, Said); 9] = [
        ("the most of everything", new().into(), sale(1_000_000_000, "10000000000", "1"), far("lines/")),
        ("a sale of too many", new().into(), sale(1_000_001, "0.01", "1"), far("quantity")),
        ("a sale at too much", new().into(), sale(1, "1000000.01", "1"), far("price")),
        ("a line worth too much", new().into(), sale(999_999, "999", "1"), far("lines/")),
        ("a payment that was a barcode", order.into(), payment("400638133393").into(), far("amount")),
        ("as much given back", order.into(), payment("-400638133393").into(), far("amount")),
        ("too many handed over", order.into(), hand_over(2_000_000).into(), far("quantity")),
        ("a price that was a barcode", shelf, set_price("4006381333"), far("price")),
        ("a sale as any", new().into(), sale(3, "19.99", "59.97"), Stands),
    ];
    // A first price comes with its product, as a request.
    let made = DocAddr::from(ProductId::new(Uuid::now_v7()));
    let mut edit = stage.edit(made, goods::product());
    let at = edit.parts[0].at;
    edit.parts.push(Part { doc: made, command: set_price("4006381333"), at, made: None });
    stage.says("a product whose price was a barcode", edit, Refused(Rule::Implausible, "price")).await;
    let mut held = Vec::new();
    for (what, doc, command, said) in cases {
        let edit = stage.edit(doc, command);
        if said != Stands {
            held.push(edit.id);
        }
        stage.says(what, edit, said).await;
    }
    assert_eq!(
        stage.number("select count(distinct order_id) from report.revenue").await,
        1,
        "only what is likely"
    );
    assert!(stage.number("select count(*) from report.held_goods").await >= 4, "goods that wait");
    assert!(stage.number("select count(*) from report.held_payments").await >= 2, "money that waits");

    // A manager looks at it, with its words, and lets the last one count.
    let question = Question::Held(HeldQuestion::List { after: None });
    let Answer::Held(page) = stage.peer.asks(question).await.expect("a list") else { panic!("a list") };
    assert_eq!(page.entries.len(), held.len());
    let payment = page.entries.iter().find(|entry| entry.edit == held[4]).expect("the payment waits");
    assert!(payment.findings[0].what.contains("€ 400,638,133,393.00"), "{payment:?}");
    let decide = HeldQuestion::Decide {
        edit: payment.edit,
        attempt: 0,
        decision: Decision::Accept,
        reason: "A whole fleet.".to_owned(),
    };
    let answer = stage.peer.asks(Question::Held(decide)).await.expect("an answer");
    assert!(matches!(answer, Answer::Decided(_)), "{answer:?}");
    let paid = "select count(*) from report.payments where amount = 400638133393";
    assert_eq!(stage.number(paid).await, 1, "on a manager's word it counts");
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_steer_a_terminal_or_hide_what_they_are() {
    let mut stage = Stage::new().await;
    let on = stage.order().await;
    for (what, text) in [
        ("an escape sequence", "Oak\u{1b}]0;x\u{7}"),
        ("another one", "Oak\u{9b}2J"),
        ("a line break", "Oak\nchair"),
        ("an override of direction", "Oak\u{202e}riahc"),
        ("an isolate", "Oak\u{2066}chair"),
        ("no width", "Oak\u{200b}chair"),
        ("a NUL", "Oak\0chair"),
        ("a book", &"x".repeat(600)),
    ] {
        let text = || text.to_owned();
        let new = || Uuid::now_v7();
        let named = customer::Create {
            number: String::new(),
            name: text(),
            group: String::new(),
            tax_number: String::new(),
            contact: Default::default(),
            addresses: BTreeMap::new(),
        };
        let place = location::Create {
            code: text(),
            name: "Shop".to_owned(),
            kind: Default::default(),
            address: Default::default(),
        };
        let mut sold = goods::sold(3, "19.99", "59.97");
        sold.sale.lines.values_mut().for_each(|line| line.name = text());
        let field = product::SetField { field: product::Field::Number(text()) };
        for (about, doc, command) in [
            ("name", DocAddr::from(CustomerId::new(new())), Command::from(named)),
            ("code", DocAddr::from(waybill_shared::id::LocationId::new(new())), place.into()),
            ("number", ProductId::new(new()).into(), field.into()),
            ("number", OrderId::new(new()).into(), Create { number: text(), ..order("N-2") }.into()),
            ("name", OrderId::new(new()).into(), sold.into()),
            ("value", on.into(), SetReference { name: "theirs".to_owned(), value: text() }.into()),
            ("tag", on.into(), Tag { tag: text() }.into()),
        ] {
            let command_name = command.name();
            // What was sold happened, and its names were copied: only what no text can hold is refused.
            let happened =
                matches!(command, Command::Order(OrderCommand::RecordSale(_))) && !text().contains('\0');
            let said = if happened { Stands } else { Refused(Rule::Malformed, about) };
            let edit = stage.edit(doc, command);
            stage.says(&format!("{what} in {command_name}"), edit, said).await;
        }
        // A note keeps what was written, but for what no text can hold.
        let edit = stage.edit(on, note(&text()));
        let said = if text().contains('\0') { Refused(Rule::Malformed, "text") } else { Stands };
        stage.says(&format!("{what} in a note"), edit, said).await;

        let rename = DeviceQuestion::Rename { device: stage.peer.scribe.device, name: text() };
        let answer = stage.peer.asks(Question::Device(rename)).await.expect("an answer");
        let Answer::Declined { findings } = answer else { panic!("{what}: {answer:?}") };
        assert!(!findings[0].remedy.is_empty(), "{what}: {findings:?}");
    }
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn greetings_that_no_database_takes() {
    let stage = Stage::new().await;
    let sign_in = |name: &str, device_name: &str, version: &str| {
        ClientFrame::SignIn(SignIn {
            protocol: 1,
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
            new_password: None,
            device: Uuid::now_v7().into(),
            device_name: device_name.to_owned(),
            version: version.to_owned(),
            token: None,
            company: None,
        })
    };
    let ClientFrame::Hello(own) = hello(stage.peer.token.clone()) else { panic!("a hello") };
    let hello = |version: &str| ClientFrame::Hello(Hello { version: version.to_owned(), ..own.clone() });
    for (what, frame, code, field) in [
        ("a NUL in a name", sign_in("ida\0", "Till", "1"), FaultCode::SignInRefused, "name"),
        ("a NUL in a device's name", sign_in("ida", "Till\0", "1"), FaultCode::SignInRefused, "device_name"),
        ("a device that steers", sign_in("ida", "\u{1b}[2J", "1"), FaultCode::SignInRefused, "device_name"),
        (
            "a device written backwards",
            sign_in("ida", "a\u{202e}b", "1"),
            FaultCode::SignInRefused,
            "device_name",
        ),
        ("a NUL in a version", sign_in("ida", "Till", "1\0"), FaultCode::SignInRefused, "version"),
        ("a NUL in a hello", hello("1\0"), FaultCode::BadFrame, "version"),
        ("a version that steers", hello("\u{1b}[31m"), FaultCode::BadFrame, "version"),
    ] {
        let mut wire = Wire::open(&stage.serving.socket()).await.expect("a socket opens");
        wire.send(&frame).await.expect("it can be sent");
        match wire.next().await {
            Some(ServerFrame::Fault(fault)) => {
                assert_eq!(fault.code, code, "{what}: {fault:?}");
                assert!(fault.words.contains(&format!("The {field} ")), "{what}: {fault:?}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_people_that_belong_to_nothing() {
    let mut stage = Stage::new().await;
    let on = stage.order().await;
    let nobody = PersonId::new(Uuid::now_v7());
    let elsewhere = || SettingsId::new(Uuid::now_v7());
    let company = settings::Create {
        company: "Other".to_owned(),
        zone: chrono_tz::UTC,
        currency: Currency::EUR,
        tax_classes: BTreeMap::new(),
        no_customer: BTreeMap::new(),
    };
    let cost = || product::SetCost { cost: amount("1"), currency: Currency::EUR };
    let credit = || customer::SetCreditLimit { limit: Some(amount("1")), currency: Currency::EUR };
    let product = ProductId::new(Uuid::now_v7());
    let document = || Refused(Rule::Malformed, "document");
    let rename = settings::SetField { field: settings::Field::Company("X".to_owned()) };
    let cases: [(&str, DocAddr, Command, Said); 10] = [
        ("a second business", elsewhere().into(), company.into(), document()),
        ("a second name", elsewhere().into(), rename.into(), document()),
        ("a second limit", elsewhere().into(), SetLimit { limit: Limit::BookedBack(1) }.into(), document()),
        ("costs of nothing", ProductTermsId::new(Uuid::now_v7()).into(), cost().into(), document()),
        (
            "credit of nobody",
            waybill_shared::id::CustomerTermsId::new(Uuid::now_v7()).into(),
            credit().into(),
            document(),
        ),
        (
            "costs of a product nobody made",
            ProductTermsId::of(product).into(),
            cost().into(),
            Refused(Rule::NotThere, "document"),
        ),
        ("the product", product.into(), goods::product().into(), Stands),
        ("its costs", ProductTermsId::of(product).into(), cost().into(), Stands),
        (
            "a salesperson nobody knows",
            OrderId::new(Uuid::now_v7()).into(),
            Create { salesperson: Some(nobody), ..order("N-3") }.into(),
            Refused(Rule::NotThere, "salesperson"),
        ),
        (
            "a driver nobody knows",
            on.into(),
            AssignDriver { driver: Some(nobody), round: None }.into(),
            Refused(Rule::NotThere, "driver"),
        ),
    ];
    for (what, doc, command, said) in cases {
        let edit = stage.edit(doc, command);
        stage.says(what, edit, said).await;
    }

    // A colleague may be named, also one whose access was withdrawn.
    let colleague = stage.serving.add_person("max", Role::Sales).await.expect("a colleague");
    let edit =
        stage.edit(OrderId::new(Uuid::now_v7()), Create { salesperson: Some(colleague), ..order("N-4") });
    stage.says("a colleague's sale", edit, Stands).await;

    // What is wrong a thousand times is said some times.
    let mut many = order("N-5");
    let line = many.lines.values().next().cloned().expect("a line");
    for nth in 0..200_u128 {
        let line = waybill_shared::order::Line { name: String::new(), price: amount("-1"), ..line.clone() };
        many.lines.insert(Uuid::from_u128(nth + 1).into(), line);
    }
    let edit = stage.edit(OrderId::new(Uuid::now_v7()), many);
    let verdict = stage.verdict(edit).await;
    assert_eq!(verdict.findings().len(), FINDINGS, "{verdict:?}");
    let last = &verdict.findings()[FINDINGS - 1].what;
    assert!(last.contains(" more.)"), "{last}");
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_that_jump_and_fall() {
    let mut stage = Stage::new().await;
    let on = stage.order().await;
    for (counter, known) in [(5, 5), (3, 5), (5, 5), (1 << 40, 1 << 40), (7, 1 << 40), (0, 1 << 40)] {
        let edit = Edit { counter, ..stage.edit(on, note(&format!("at {counter}"))) };
        stage.says(&format!("counter {counter}"), edit, Stands).await;
        let mut wire = Wire::open(&stage.serving.socket()).await.expect("a socket opens");
        wire.send(&hello(stage.peer.token.clone())).await.expect("a hello");
        let Some(ServerFrame::Welcome(welcome)) = wire.next().await else { panic!("a welcome") };
        assert_eq!(welcome.counter, known, "the highest that has a verdict, behind {counter}");
    }
    stage.ends_well().await;
}
