//! `check` on a whole company, and on one in which something was changed behind its back.

mod company;

use std::sync::Arc;

use company::{Cluster, friday, load, number, text};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sqlx::PgPool;
use uuid::Uuid;
use waybill_server::{
    check::{check, look, rebuild, rebuild_reports},
    intake::{Handed, Solo, Submission},
    log::postgres::PostgresLog,
};
use waybill_shared::{
    command::Command,
    edit::{Edit, Part},
    id::{CustomerId, DeviceId, EditId, Entropy, FactId, Id, LineId, LocationId, OrderId, PersonId},
    money::{Amount, Currency},
    order::commands::OrderCommand,
    order::{
        Address, Contact, Discount, Line, Payment, PaymentMethod, PaymentState, Sale, Tax, Wanted,
        commands as order, receipt::Link,
    },
    quantity::{Quantity, Unit},
    rules::roles::Role,
    time::Booked,
};

/// What is changed behind the server's back, and a piece of what `check` says of it.
const PLANTED: &[(&str, &str)] = &[
    // Reports.
    (
        "update report.order_lines set net = net + 0.01, tax = tax - 0.01
         where (order_id, line_id) = (select order_id, line_id from report.order_lines limit 1)",
        "report.order_lines: a row of",
    ),
    (
        "update report.orders set paid = paid + 0.01, open = open - 0.01
         where order_id = (select order_id from report.orders limit 1)",
        "its payments do not add up to what is paid",
    ),
    (
        "delete from report.revenue where (order_id, cause_id, line_key) =
         (select order_id, cause_id, line_key from report.revenue where measure = 'paid' and gross <> 0 limit 1)",
        "the revenue paid is not what was paid",
    ),
    (
        "update report.customers set city = 'Nowhere'
         where customer_id = (select customer_id from report.customers limit 1)",
        "is wrong in city",
    ),
    (
        "insert into report.locations values ('00000000-0000-0000-0000-00000000000a', 'X', 'X', 'shop', false)",
        "which is not there",
    ),
    ("delete from report.products where product_id = (select product_id from report.products limit 1)", "is missing"),
    // Changes and documents.
    (
        "delete from sync.change where (pos, part) = (select pos, part from sync.change where kind = 1 limit 1)",
        "the chain is broken at position",
    ),
    (
        "delete from sync.change where (pos, part) = (select pos, part from sync.change where kind = 1 limit 1)",
        "its changes do not make a document",
    ),
    (
        "update sync.change set bytes = set_byte(bytes, 20, (get_byte(bytes, 20) + 1) % 256)
         where (pos, part) = (select pos, part from sync.change where kind = 7 limit 1)",
        "its changes do not make a document",
    ),
    (
        "update sync.change c set bytes = other.bytes from sync.change other
         where c.kind = 7 and other.kind = 7 and other.pos <> c.pos
           and c.pos = (select min(pos) from sync.change where kind = 7)
           and other.pos = (select pos from sync.change where kind = 7 order by pos offset 1 limit 1)",
        "is not what its hash says",
    ),
    (
        "update sync.document set heads = set_byte(heads, 0, (get_byte(heads, 0) + 1) % 256)
         where id = (select id from sync.document limit 1)",
        "its changes lead to other heads than are stored",
    ),
    ("update sync.document set version = version + 1 where kind = 21", "changes, 1 are stored"),
    (
        "update sync.snapshot s set saved = other.saved from sync.snapshot other
         where s.kind = 7 and other.kind = 7 and s.id <> other.id
           and s.id = (select id from sync.snapshot where kind = 7 order by id limit 1)
           and other.id = (select id from sync.snapshot where kind = 7 order by id desc limit 1)",
        "its snapshot is not what its changes lead to",
    ),
    ("delete from sync.snapshot where kind = 21", "it has no snapshot"),
    ("delete from sync.document where kind = 21", "there are changes of it, but no document"),
    ("update sync.digest set sum = set_byte(sum, 3, (get_byte(sum, 3) + 1) % 256)", "the digest of scope"),
    // The log and its verdicts.
    ("update sync.feed set chain = set_byte(chain, 5, (get_byte(chain, 5) + 1) % 256) where pos = 9", "the chain is broken at position 9"),
    ("update sync.feed set verdict = 'rewritten' where pos = 9", "the chain is broken at position 9"),
    ("update sync.feed set verdict = 'refused' where pos = 9", "is refused, yet it has changes"),
    ("delete from sync.feed where pos = 9", "the log has no position 9"),
    ("update sync.head set pos = pos + 1", "its head says"),
    ("delete from sync.edit where pos = 9", "the log speaks of it, but it is not stored"),
    ("update sync.edit set verdict = 'refused' where pos = 9", "the log says another thing of it"),
    (
        "update sync.feed set edit = (select edit from sync.feed where pos = 8) where pos = 9",
        "it was accepted more than once",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_whatever_was_changed_behind_its_back_and_rebuild_mends_the_reports() {
    let cluster = Cluster::start().await;
    let pool = cluster.corner().await;
    let checked = check(&pool).await.unwrap();
    assert_eq!(checked.wrong, Vec::<String>::new());
    assert!(checked.documents > 80 && checked.rows > 300, "{checked}");
    assert_eq!(rebuild_reports(&pool).await.unwrap().mended, []);

    for (change, expected) in PLANTED {
        let mut planted = pool.begin().await.unwrap();
        let changed = sqlx::query(*change).execute(&mut *planted).await.unwrap().rows_affected();
        assert!(changed > 0, "nothing was changed by {change}");
        let checked = look(&mut planted).await.unwrap();
        let found = checked.wrong.iter().any(|wrong| wrong.contains(expected));
        assert!(found, "{change}\nis not found: {checked}");
        if change.contains("report.") {
            assert!(!rebuild(&mut planted).await.unwrap().mended.is_empty(), "{change}");
            assert_eq!(look(&mut planted).await.unwrap().wrong, Vec::<String>::new(), "{change}");
        }
        planted.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_makes_every_row_again_when_all_are_lost() {
    let cluster = Cluster::start().await;
    let pool = cluster.corner().await;
    let rows = "select md5(string_agg(r::text, ',' order by r::text)) from report.revenue r";
    let before = text(&pool, rows).await;
    sqlx::raw_sql(
        "truncate report.orders, report.order_lines, report.payments, report.revenue, report.products,
                  report.customers, report.locations",
    )
    .execute(&pool)
    .await
    .unwrap();
    let rebuilt = rebuild_reports(&pool).await.unwrap();
    assert_eq!(rebuilt.mended.len() as u64, rebuilt.rows);
    assert_eq!(text(&pool, rows).await, before);
    assert_eq!(check(&pool).await.unwrap().wrong, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_company_to_the_last_byte() {
    let cluster = Cluster::start().await;
    let [first, second] = [cluster.database("first").await, cluster.database("second").await];
    assert_eq!(load(&first, 7, 1).await, load(&second, 7, 1).await);
    for question in [
        "select chain::text from sync.head",
        "select md5(string_agg(t::text, ',' order by t::text)) from report.revenue_by_day t",
        "select md5(string_agg(t::text, ',' order by t::text)) from report.orders t",
    ] {
        assert_eq!(text(&first, question).await, text(&second, question).await, "{question}");
    }
    let third = cluster.database("third").await;
    load(&third, 8, 1).await;
    let total = "select sum(placed_gross)::text from report.revenue_by_day";
    assert_ne!(text(&first, total).await, text(&third, total).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_data_goes_into_an_empty_database_only() {
    let cluster = Cluster::start().await;
    let pool = cluster.corner().await;
    let again = waybill_server::demo::load(&pool, waybill_server::demo::tell(7, friday(), 1), 7).await;
    assert!(again.unwrap_err().to_string().contains("there is data in this database already"));
}

/// Orders to which anything at all is done, in any order, by somebody who may do everything.
#[tokio::test(flavor = "multi_thread")]
async fn after_any_history_the_live_rows_are_those_of_a_rebuild() {
    let cluster = Cluster::start().await;
    let pool = cluster.database("any").await;
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let histories = prop::collection::vec((0..14_u8, 0..3_u128, 0..4_u128, 1..400_i64), 400);
    let history = histories.new_tree(&mut runner).unwrap().current();
    let mut solo =
        Solo::start(Arc::new(PostgresLog::new(pool.clone())), Box::new(Counting(1))).await.unwrap();
    let mut days = 0;
    let mut facts: Vec<(OrderId, FactId)> = Vec::new();
    for (nth, (kind, order, which, number)) in history.into_iter().enumerate() {
        days += u64::from(number % 7 == 0);
        let order = OrderId::from(Uuid::from_u128(order + 1));
        let fact = FactId::from(Uuid::from_u128(1_000 + nth as u128));
        let (order, command) = match facts.get(number as usize % (facts.len() + 1)) {
            Some((of, back)) if kind >= 12 => {
                (*of, order::Reverse { id: fact, fact: *back, reason: "a slip".into() }.into())
            }
            _ => (order, deed(nth, kind, which, number)),
        };
        if matches!(
            command,
            Command::Order(OrderCommand::HandOver(_)) | Command::Order(OrderCommand::TakePayment(_))
        ) {
            facts.push((order, fact));
        }
        let edit = edit(nth as u64, days, order, command);
        let handed = Handed {
            edit: Arc::new(edit),
            roles: Some(Arc::from([Role::Admin])),
            approver: Arc::from([]),
            looked_up: Default::default(),
        };
        solo.take(&[Submission::Edit(handed)], friday()).await.unwrap();
    }
    let verdicts = verdicts(&pool).await;
    assert!(verdicts.0 > 150 && verdicts.1 > 20, "accepted and refused: {verdicts:?}");
    let back = number(&pool, "select count(*) from report.revenue where takes_back").await;
    assert!(back > 5, "{back} entries are taken back");
    assert_eq!(check(&pool).await.unwrap().wrong, Vec::<String>::new());
    assert_eq!(rebuild_reports(&pool).await.unwrap().mended, []);
}

/// A device counts its receipts; what is missing is seen, and what was printed counts though it was held.
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_in_a_series_of_receipts_is_found_and_a_held_sale_is_none() {
    let cluster = Cluster::start().await;
    let pool = cluster.database("receipts").await;
    let mut solo =
        Solo::start(Arc::new(PostgresLog::new(pool.clone())), Box::new(Counting(1))).await.unwrap();
    let mut before = None;
    let mut printed: Vec<Edit> = Vec::new();
    for nth in 1..=4_u32 {
        let id = |kind: u128| Uuid::from_u128(kind * 1_000 + u128::from(nth));
        let mut sale = Sale {
            receipt: format!("T1-R{nth}"),
            link: None,
            channel: "shop".into(),
            location: LocationId::from(Uuid::from_u128(5)),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines: [(LineId::from(id(2)), a_line(2))].into(),
            payments: [].into(),
            change: Amount::ZERO,
        };
        let link = Link::new("T1".into(), nth, before, &sale);
        before = Some(link.hash);
        sale.link = Some(link);
        let command = order::RecordSale { id: FactId::from(id(3)), sale };
        printed.push(edit(u64::from(nth), 0, OrderId::from(id(1)), command.into()));
    }
    // The second by somebody who is not enrolled: held. The third never arrives.
    for (edit, roles) in [(0, Some(Role::Admin)), (1, None), (3, Some(Role::Admin))] {
        let roles: Option<Arc<[Role]>> = roles.map(|role| Arc::from([role]));
        let handed = Handed {
            edit: Arc::new(printed[edit].clone()),
            roles,
            approver: Arc::from([]),
            looked_up: Default::default(),
        };
        solo.take(&[Submission::Edit(handed)], friday()).await.unwrap();
    }
    assert_eq!(number(&pool, "select count(*) from sync.edit where verdict = 'held'").await, 1);
    // It may have been turned away for later, until its device says that it sent everything up to the fourth.
    let device = printed[0].device.uuid();
    let enrolled = "insert into account.device (id, name) values ($1, 'Till')";
    sqlx::query(enrolled).bind(device).execute(&pool).await.unwrap();
    for settled in [0_i64, 4] {
        settle(&pool, device, settled).await;
        assert_eq!(check(&pool).await.unwrap().wrong, Vec::<String>::new(), "settled up to {settled}");
    }
    settle(&pool, device, 5).await;
    let wrong = check(&pool).await.unwrap().wrong;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(
        wrong[0].starts_with("receipts T1 of device") && wrong[0].ends_with("number 3 is missing"),
        "{wrong:?}"
    );

    let handed = Handed {
        edit: Arc::new(printed[2].clone()),
        roles: Some(Arc::from([Role::Admin])),
        approver: Arc::from([]),
        looked_up: Default::default(),
    };
    solo.take(&[Submission::Edit(handed)], friday()).await.unwrap();
    assert_eq!(check(&pool).await.unwrap().wrong, Vec::<String>::new());
}

async fn settle(pool: &PgPool, device: Uuid, counter: i64) {
    let sql = "update account.device set settled = $2 where id = $1";
    sqlx::query(sql).bind(device).bind(counter).execute(pool).await.unwrap();
}

async fn verdicts(pool: &PgPool) -> (i64, i64) {
    (
        number(pool, "select count(*) from sync.edit where verdict = 'accepted'").await,
        number(pool, "select count(*) from sync.edit where verdict = 'refused'").await,
    )
}

fn deed(nth: usize, kind: u8, which: u128, number: i64) -> Command {
    let line = LineId::from(Uuid::from_u128(100 + which));
    let fact = FactId::from(Uuid::from_u128(1_000 + nth as u128));
    let cents = Amount::from_minor(number, 2);
    match kind {
        0 => order::Create {
            number: format!("S-{nth}"),
            channel: "phone".into(),
            location: LocationId::from(Uuid::from_u128(5)),
            customer: Some(CustomerId::from(Uuid::from_u128(9))),
            customer_name: None,
            currency: Currency::EUR,
            salesperson: None,
            quotation: number % 5 == 0,
            contact: Contact::default(),
            delivery: Address::default(),
            wanted: Wanted::default(),
            lines: [(line, a_line(number))].into(),
        }
        .into(),
        1 | 2 => order::AddLine { id: line, line: a_line(number) }.into(),
        3 => order::SetQuantity {
            line,
            was: Quantity::new(number % 9 + 1),
            now: Quantity::new(number % 5 + 1),
        }
        .into(),
        4 => order::RemoveLine { line }.into(),
        5 => order::Place {}.into(),
        6 => order::Confirm {}.into(),
        7 => order::Cancel { reason: "changed their mind".into() }.into(),
        8 | 9 => order::HandOver {
            id: fact,
            lines: [(line, Quantity::new(number % 4 + 1))].into(),
            shown: Default::default(),
            received_by: None,
            signature: None,
        }
        .into(),
        10 | 11 => order::TakePayment {
            id: fact,
            payment: Payment {
                method: PaymentMethod::Cash,
                amount: if number % 6 == 0 { -cents } else { cents },
                currency: Currency::EUR,
                state: if number % 11 == 0 { PaymentState::Pending } else { PaymentState::Taken },
                drawer: None,
                reference: None,
            },
        }
        .into(),
        // Of something that never was.
        _ => order::Reverse { id: fact, fact: FactId::NIL, reason: "a slip".into() }.into(),
    }
}

fn a_line(number: i64) -> Line {
    Line {
        pos: number,
        product: None,
        name: "Something".into(),
        quantity: Quantity::new(number % 9 + 1),
        unit: if number % 3 == 0 { Unit::Kilogram } else { Unit::Piece },
        pack: None,
        pack_size: None,
        price: Amount::from_minor(number * 37, 2),
        currency: Currency::EUR,
        discount: match number % 4 {
            0 => Discount::Percent(Amount::from_minor(number % 30, 0)),
            1 => Discount::Amount(Amount::from_minor(number % 30, 2)),
            _ => Discount::None,
        },
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: number % 2 == 0 },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

fn edit(nth: u64, days: u64, order: OrderId, command: Command) -> Edit {
    let at = friday().plus_ms(-90 * 24 * 3_600_000 + days as i64 * 24 * 3_600_000 + nth as i64 * 1_000);
    Edit {
        id: EditId::fresh(at, &mut Counting(nth * 31 + 7)),
        kind: command.kind(),
        person: PersonId::from(Uuid::from_u128(3)),
        device: DeviceId::from(Uuid::from_u128(4)),
        counter: nth + 1,
        attempt: 0,
        booked: Booked::on(at.utc().date_naive()),
        parts: vec![Part { doc: order.into(), command, at, made: None }],
        after: Vec::new(),
        overriding: None,
    }
}

/// Never the same bytes twice.
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}
