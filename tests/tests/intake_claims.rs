//! What an edit claims and is not so: ids that are in use, numbers of the server's own, things that nobody made. And
//! what was sent just before it counts.

mod till;

use std::collections::BTreeMap;

use till::{
    PLACE, Seeded, Till, chairs, credit_limit,
    desk::{Desk, now, rules, with_order},
};
use uuid::Uuid;
use waybill_server::{
    intake::{Core, Handed, LookedUp, Named, Settled, Submission, gather, refers_to},
    log::Log,
};
use waybill_shared::{
    command::Command,
    customer,
    edit::{Edit, Override, Verdict},
    finding::Rule,
    id::{AttachmentId, CustomerId, FactId, LineId, LocationId, NotesId, ProductId, SettingsId},
    kind::DocAddr,
    location, notes,
    order::{Line, commands},
    product,
    protocol::limits,
    rules::roles::Role,
    settings,
    time::Booked,
};

const LINE: LineId = LineId::new(Uuid::from_u128(5));

fn business(channel: &str) -> settings::Create {
    settings::Create {
        company: "Oak & Ash".into(),
        zone: chrono_tz::UTC,
        currency: waybill_shared::money::Currency::EUR,
        tax_classes: BTreeMap::new(),
        no_customer: BTreeMap::from([(channel.to_owned(), true)]),
    }
}

fn customer_of(number: &str) -> customer::Create {
    customer::Create {
        number: number.into(),
        name: "Vega".into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    }
}

fn product_of(number: &str) -> product::Create {
    product::Create {
        number: number.into(),
        name: "Lamp".into(),
        description: String::new(),
        category: String::new(),
        unit: Default::default(),
        tax_class: String::new(),
        barcodes: BTreeMap::new(),
    }
}

/// The finding of a refused edit.
fn only(verdict: &Verdict) -> (Rule, &str, &str) {
    let finding = &verdict.findings()[0];
    (finding.rule, finding.field.as_deref().unwrap_or_default(), &finding.what)
}

/// With the settings that were sent just before it, in the same batch and in the same edit.
#[tokio::test]
async fn what_follows_on_settings_is_judged_by_them() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let settings: DocAddr = SettingsId::ONLY.into();
    let first = till.bare(vec![(settings, business("phone").into())]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let create = till.bare(vec![(addr, create.into())]);
    let place = till.bare(vec![(addr, commands::Place {}.into())]);
    let all: Vec<Submission> = [&first, &create, &place].map(|edit| till.hands_in(edit)).into();

    // As the pipeline cuts its batches: behind the settings, but not for who may not change them.
    let head = desk.log.head().await.unwrap();
    let mut core = Core::new(head, Box::new(Seeded(5)), 100, 1);
    let mut sales = Till::new(8, &[Role::Sales]);
    let theirs = sales.bare(vec![(settings, business("phone").into())]);
    let twice = [sales.hands_in(&theirs), till.hands_in(&create)];
    for (submissions, fits) in [(&all[..], 1), (&all[1..], 2), (&twice[..], 2)] {
        loop {
            let wanted = core.wants(submissions);
            if wanted.is_empty() {
                break;
            }
            gather(&mut core, &*desk.log, &wanted, submissions).await.unwrap();
        }
        assert_eq!(core.affordable(submissions), fits);
    }

    desk.take(&all).await;
    for edit in [&first, &create, &place] {
        assert_eq!(desk.verdict(edit.id).await, Verdict::Accepted);
    }

    // In one edit.
    let mut desk = Desk::open().await;
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let parts =
        vec![(settings, business("phone").into()), (addr, create.into()), (addr, commands::Place {}.into())];
    let whole = till.bare(parts);
    assert_eq!(desk.says(&till, &whole).await, Verdict::Accepted);
}

#[tokio::test]
async fn an_id_in_use_is_never_accepted_for_something_else() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let order = addr;
    let (client, item): (DocAddr, DocAddr) =
        (till.fresh::<CustomerId>().into(), till.fresh::<ProductId>().into());
    for (doc, command) in
        [(client, Command::from(customer_of("C-1"))), (item, Command::from(product_of("P-1")))]
    {
        let made = till.bare(vec![(doc, command)]);
        assert_eq!(desk.says(&till, &made).await, Verdict::Accepted);
    }
    let notes_of: DocAddr = NotesId::of(order).into();
    let (fact, line, paper): (FactId, LineId, AttachmentId) = (till.fresh(), till.fresh(), till.fresh());
    let mut payment = till.payment("5");
    payment.id = till.fresh();
    let mut other_payment = payment.clone();
    other_payment.payment.amount = "7".parse().unwrap();
    let attach = |name: &str| commands::Attach {
        id: paper,
        name: name.into(),
        media_type: "image/png".into(),
        size: 5,
        content: waybill_shared::doc::Hash([7; 32]),
    };
    let price = |price: &str| product::SetPrice {
        id: Uuid::from_u128(77).into(),
        price: price.parse().unwrap(),
        currency: waybill_shared::money::Currency::EUR,
        tax_included: true,
        from: chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
    };
    let contact = |text: &str| customer::ContactNote { id: fact, text: text.into() };
    let write = |text: &str| notes::Write {
        id: Uuid::from_u128(78).into(),
        about: order,
        text: text.into(),
        saw_shown: false,
    };
    let add = |count| commands::AddLine { id: line, line: chairs(count) };
    let note = |text: &str| commands::Note { id: fact, text: text.into() };
    let table: Vec<(DocAddr, Command, Command)> = vec![
        (order, note("first").into(), note("second").into()),
        (order, payment.clone().into(), other_payment.into()),
        // Of another kind.
        (order, note("first").into(), commands::TakePayment { id: fact, ..payment.clone() }.into()),
        (order, add(2).into(), add(3).into()),
        (order, attach("door.png").into(), attach("lock.png").into()),
        (item, price("5").into(), price("6").into()),
        (client, contact("first").into(), contact("second").into()),
        (notes_of, write("first").into(), write("second").into()),
    ];
    for (doc, first, second) in table {
        let name = second.name();
        let once = till.bare(vec![(doc, first.clone())]);
        assert_eq!(desk.says(&till, &once).await, Verdict::Accepted, "{name}");
        // The same once more, under another edit's id, is what is there.
        let same = till.bare(vec![(doc, first)]);
        assert_eq!(desk.says(&till, &same).await, Verdict::Accepted, "{name}");
        let before = desk.doc(doc).await.heads().to_vec();
        let other = till.bare(vec![(doc, second.clone())]);
        let verdict = desk.says(&till, &other).await;
        let (rule, field, what) = only(&verdict);
        assert_eq!((rule, field), (Rule::Malformed, "id"), "{name}: {verdict:?}");
        assert!(what.starts_with("This id is in use."), "{name}: {what}");
        assert!(matches!(verdict, Verdict::Refused { .. }), "{name}");
        // Made on a document that does not have it yet.
        let mut late = Till::new(9, &[Role::Admin]);
        let made = late.edit(doc, second);
        let verdict = desk.says(&late, &made).await;
        assert_eq!(only(&verdict).1, "id", "{name}: {verdict:?}");
        assert_eq!(desk.doc(doc).await.heads(), before, "{name}: nothing was written");
    }
    // In one edit.
    let id: FactId = till.fresh();
    let twice =
        [("a", id), ("b", id)].map(|(text, id)| (order, commands::Note { id, text: text.into() }.into()));
    let twice = till.bare(twice.into());
    assert_eq!(only(&desk.says(&till, &twice).await).1, "id");
}

#[tokio::test]
async fn two_places_of_one_batch_have_no_code_in_common() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let mut place = |code: &str| {
        let create = location::Create {
            code: code.into(),
            name: "Shop".into(),
            kind: location::LocationKind::Shop,
            address: Default::default(),
        };
        let addr: DocAddr = till.fresh::<LocationId>().into();
        till.bare(vec![(addr, create.into())])
    };
    let (one, two) = (place("HS"), place("hs"));
    desk.take(&[till.hands_in(&one), till.hands_in(&two)]).await;
    assert_eq!(desk.verdict(one.id).await, Verdict::Accepted);
    assert_eq!(rules(&desk.verdict(two.id).await), [Rule::NumberTaken]);
}

#[tokio::test]
async fn numbers_of_the_servers_series_are_the_servers_to_give() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let mut order = |number: &str| {
        let create = commands::Create { number: number.into(), ..till.create(None) };
        let addr: DocAddr = till.new_order().into();
        till.bare(vec![(addr, create.into())])
    };
    let taken = [order("S-000001"), order(" s-000001 ")];
    let (open, free) = (order(""), order("S-17"));
    let sale = {
        let mut sale = till.sale(LINE, "20", "60");
        sale.sale.receipt = "S-000009".into();
        let addr: DocAddr = till.new_order().into();
        till.bare(vec![(addr, sale.into())])
    };
    for edit in &taken {
        let verdict = desk.says(&till, edit).await;
        assert_eq!(only(&verdict).0, Rule::NumberTaken, "{verdict:?}");
        assert!(
            matches!(verdict, Verdict::Refused { .. }) && only(&verdict).2.contains("series of the server")
        );
    }
    let held = desk.says(&till, &sale).await;
    assert!(matches!(held, Verdict::Held { .. }), "it happened: {held:?}");
    assert_eq!((only(&held).0, only(&held).1), (Rule::NumberTaken, "receipt"));
    for edit in [&open, &free] {
        assert_eq!(desk.says(&till, edit).await, Verdict::Accepted);
    }
    assert_eq!(desk.order(open.parts[0].doc).await.number(), "S-000001");

    // Of products and customers one that was given may be somebody's again, and never two's.
    let mut of = |number: &str| {
        let addr: DocAddr = till.fresh::<ProductId>().into();
        till.bare(vec![(addr, product_of(number).into())])
    };
    let (ahead, given, double, passed) = (of("S-P000002"), of(""), of("s-p000002"), of("S-P000001"));
    desk.take(&[till.hands_in(&ahead), till.hands_in(&given)]).await;
    assert_eq!(only(&desk.verdict(ahead.id).await).0, Rule::NumberTaken);
    assert_eq!(desk.verdict(given.id).await, Verdict::Accepted);
    assert_eq!(only(&desk.says(&till, &double).await).0, Rule::NumberTaken);
    assert_eq!(desk.says(&till, &passed).await, Verdict::Accepted);
}

/// Handed in while nobody had made what it names.
fn open(till: &Till, edit: &Edit) -> Submission {
    let Submission::Edit(handed) = till.hands_in(edit) else { panic!("an edit") };
    let open = refers_to(edit).into_iter().filter(|named| named.doc != PLACE.into());
    let looked_up = LookedUp { open: open.collect(), ..LookedUp::default() };
    Submission::Edit(Handed { looked_up, ..handed })
}

#[tokio::test]
async fn what_nobody_made_is_named_by_no_request_and_by_a_fact_only_for_a_manager() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let customer: CustomerId = till.fresh();
    let order = |till: &mut Till| {
        let create = till.create(Some(customer));
        let addr: DocAddr = till.new_order().into();
        till.bare(vec![(addr, create.into())])
    };
    let sale = |till: &mut Till| {
        let mut sale = till.sale(LINE, "20", "60");
        sale.sale.customer = Some(customer);
        sale.sale.location = PLACE;
        let addr: DocAddr = till.new_order().into();
        till.bare(vec![(addr, sale.into())])
    };
    let invented = [order(&mut till), sale(&mut till)];
    for (edit, is_held) in invented.iter().zip([false, true]) {
        let verdict = desk.says_to(open(&till, edit)).await;
        assert_eq!((only(&verdict).0, only(&verdict).1), (Rule::NotThere, "customer"), "{verdict:?}");
        assert_eq!(matches!(verdict, Verdict::Held { .. }), is_held, "{verdict:?}");
    }
    // Made in the same batch just before; and in the same edit.
    let made = till.bare(vec![(customer.into(), customer_of("C-1").into())]);
    let (later, sold) = (order(&mut till), sale(&mut till));
    desk.take(&[till.hands_in(&made), open(&till, &later), open(&till, &sold)]).await;
    for edit in [&made, &later, &sold] {
        assert_eq!(desk.verdict(edit.id).await, Verdict::Accepted);
    }
    let item: ProductId = till.fresh();
    let line = Line { product: Some(item), ..chairs(1) };
    let line = commands::AddLine { id: till.fresh(), line };
    let whole =
        till.bare(vec![(item.into(), product_of("L-1").into()), (later.parts[0].doc, line.clone().into())]);
    assert_eq!(desk.says_to(open(&till, &whole)).await, Verdict::Accepted);
    // What was to be made was refused.
    let other: CustomerId = till.fresh();
    let refused = till.bare(vec![(other.into(), customer_of("C-1").into())]);
    let (terms, limit) = credit_limit(other, "50");
    let limit = till.bare(vec![(terms, limit)]);
    let Submission::Edit(handed) = till.hands_in(&limit) else { panic!("an edit") };
    let parent = Named { field: "document".into(), doc: other.into() };
    let looked_up = LookedUp { open: [parent].into(), ..LookedUp::default() };
    let limit_of = Submission::Edit(Handed { looked_up, ..handed });
    desk.take(&[till.hands_in(&refused), limit_of]).await;
    assert_eq!(only(&desk.verdict(refused.id).await).0, Rule::NumberTaken);
    let verdict = desk.verdict(limit.id).await;
    assert_eq!((only(&verdict).0, only(&verdict).1), (Rule::NotThere, "document"), "{verdict:?}");
}

/// An order that was only sold in is there to be named, also when the sale came a moment before.
#[tokio::test]
async fn a_sale_is_named_by_a_note_that_comes_with_it() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let mut sale = till.sale(LINE, "20", "60");
    sale.sale.location = PLACE;
    let order: DocAddr = till.new_order().into();
    let sold = till.bare(vec![(order, sale.into())]);
    let text = "asked for a discount".to_owned();
    let note = notes::Write { id: till.fresh(), about: order, text, saw_shown: false };
    let noted = till.bare(vec![(NotesId::of(order).into(), note.into())]);
    desk.take(&[open(&till, &sold), open(&till, &noted)]).await;
    assert_eq!(desk.verdict(sold.id).await, Verdict::Accepted);
    assert_eq!(desk.verdict(noted.id).await, Verdict::Accepted);
}

/// A client that keeps no documents sends what was refused once more, with the number left to the server as before.
#[tokio::test]
async fn what_is_judged_anew_is_given_a_number_anew() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Admin]);
    let create = commands::Create { number: String::new(), channel: String::new(), ..till.create(None) };
    let order: DocAddr = till.new_order().into();
    let mut made = till.bare(vec![(order, create.clone().into())]);
    assert!(matches!(desk.says(&till, &made).await, Verdict::Refused { .. }));
    made.attempt = 1;
    made.parts[0].command = commands::Create { channel: "shop".into(), ..create }.into();
    assert_eq!(desk.says(&till, &made).await, Verdict::Accepted);
    let order = desk.order(order).await;
    assert!(order.number().starts_with("S-"), "“{}”", order.number());
}

/// A manager lets pass what is unlikely, and nobody what is no day that anybody books on.
#[tokio::test]
async fn a_managers_word_lifts_the_days_of_settings_and_not_ten_years() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    for (days, stands, rule) in [
        (400, true, None),
        (-30, true, None),
        (3_700, false, Some(Rule::OutsideLimits)),
        (-3_700, false, Some(Rule::OutsideLimits)),
    ] {
        for fact in [false, true] {
            let note = till.note("of old");
            let tag = commands::Tag { tag: format!("{days}") };
            let command: Command = if fact { note.into() } else { tag.into() };
            let mut edit = till.bare(vec![(addr, command)]);
            let today = now().day(chrono_tz::UTC);
            edit.booked = Booked::on(today - chrono::TimeDelta::days(days));
            edit.overriding = Some(Override { approver: till.person, reason: "It was so".into() });
            let Submission::Edit(handed) = till.hands_in(&edit) else { panic!("an edit") };
            let handed = Handed { approver: [Role::Manager].into(), ..handed };
            let verdict = desk.says_to(Submission::Edit(handed)).await;
            assert_eq!(verdict.stands(), stands, "{days}: {verdict:?}");
            assert_eq!(rules(&verdict).first().copied(), rule, "{days}");
            assert_eq!(matches!(verdict, Verdict::Held { .. }), !stands && fact, "{days}: {verdict:?}");
        }
    }
}

#[tokio::test]
async fn giving_up_what_nobody_knows_costs_the_log_nothing() {
    let mut desk = Desk::open().await;
    let (mut till, _) = with_order(&mut desk, &[Role::Sales]).await;
    let before = desk.log.head().await.unwrap();
    let unknown: Vec<Submission> =
        (0..5).map(|_| Submission::Discard { edit: till.fresh(), device: till.device }).collect();
    let given_up = Settled::Unwritten { attempt: 0, verdict: Verdict::GIVEN_UP };
    assert_eq!(desk.take(&unknown).await, vec![given_up; 5]);
    assert_eq!(desk.log.head().await.unwrap(), before);
}

/// Of what is never archived there is an end too, within one batch as well: facts wait for a manager, requests are refused,
/// and what is there can be brought to its end.
#[tokio::test]
async fn a_document_takes_in_so_much_and_no_more() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let fits = limits::DOCUMENT / 200_000 + 1;
    let notes: Vec<Edit> = (0..fits + 3)
        .map(|_| {
            let mut note = till.note("x");
            note.text =
                (0..12_500).map(|_| format!("{:016x}", till.fresh::<Uuid>().as_u128() as u64)).collect();
            till.bare(vec![(addr, note.into())])
        })
        .collect();
    let handed: Vec<Submission> = notes.iter().map(|note| till.hands_in(note)).collect();
    desk.take(&handed).await;
    let (mut stood, mut held) = (0, 0);
    for note in &notes {
        match desk.verdict(note.id).await {
            Verdict::Held { findings } => {
                assert_eq!(
                    (findings[0].rule, findings[0].field.as_deref()),
                    (Rule::OutsideLimits, Some("document"))
                );
                held += 1;
            }
            verdict => {
                assert_eq!(verdict, Verdict::Accepted);
                stood += 1;
            }
        }
    }
    assert!(held >= 3 && stood >= fits - 2, "{stood} stand, {held} are held");
    let tag = till.bare(vec![(addr, commands::Tag { tag: "gift".into() }.into())]);
    assert_eq!(desk.says(&till, &tag).await.name(), "refused");
    let cancel = till.bare(vec![(addr, commands::Cancel { reason: "too much".into() }.into())]);
    assert_eq!(desk.says(&till, &cancel).await, Verdict::Accepted);
    desk.restarts().await;
    let tag = till.bare(vec![(addr, commands::Tag { tag: "gift".into() }.into())]);
    assert_eq!(desk.says(&till, &tag).await.name(), "refused", "as it is loaded, too");
}
