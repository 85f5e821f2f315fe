//! A business is set up once, also when two people do it apart.

use waybill_shared::{
    command::Command, finding::Rule, kind::DocKind, make::make, money::Currency, redo::Base, settings,
    view::View,
};

use crate::common::*;

fn set_up(company: &str, tax: Option<&str>) -> settings::Create {
    let class = |rate| settings::TaxClass { name: "Standard".into(), rate: amount(rate) };
    settings::Create {
        company: company.into(),
        zone: chrono_tz::Pacific::Auckland,
        currency: Currency::EUR,
        tax_classes: tax.into_iter().map(|rate| ("standard".to_owned(), class(rate))).collect(),
        no_customer: Default::default(),
    }
}

#[test]
fn whoever_sets_up_second_is_told_as_what_it_was_set_up() {
    const WHAT: &str = "The business was set up already, as Harbour in Pacific/Auckland with EUR.";
    let nothing = Desk::new(DocKind::Settings);
    let mut office = nothing.clone();
    office.must(set_up("Harbour", Some("15")));
    // The same again is what stands there; anything else is not.
    let table = [
        (set_up("Harbour", Some("15")), None),
        (set_up("Harbour", None), None),
        (set_up("Other", Some("15")), Some(WHAT)),
        (set_up("Harbour", Some("19")), Some(WHAT)),
    ];
    for (again, expected) in table {
        let told = office.clone().try_do(again.clone()).err().map(|error| error.finding());
        assert_eq!(told.as_ref().map(|finding| finding.what.as_str()), expected, "{again:?}");

        // Made where the first was not known yet, the server says the same.
        let (command, ctx) = (Command::from(again), context(50, BEN));
        let (_, made) = make(&nothing.doc, &nothing.view, &command, &ctx, actor(2)).expect("runs there");
        let base = Base::Deps(&made.deps);
        let redone = redo(&office.doc, &office.view, &command, &ctx, Some(&made), base, actor(9));
        assert!(redone.as_ref().map_or(true, |redone| redone.change.is_none()), "nothing is written twice");
        let told = redone.err().map(|error| error.finding());
        assert_eq!(
            told.map(|told| (told.rule, told.what)),
            expected.map(|what| (Rule::WrongStep, what.into()))
        );
    }
    let View::Settings(settings) = office.view else { panic!("settings") };
    assert_eq!(settings.fields.company, "Harbour");
}
