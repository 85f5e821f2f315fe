//! The demo company: 90 days of a wholesaler with two shops, a warehouse and two vans, the same for the same
//! seed and moment.

mod catalogue;
mod dice;
mod goods;
mod load;
mod names;
mod orders;
mod people;
mod sales;
mod script;
mod setup;

use chrono::{Datelike, Days, Weekday};
use chrono_tz::Tz;
use waybill_shared::{edit::Edit, rules::roles::Role, time::Timestamp};

use dice::Dice;
use goods::Company;
pub use load::{Loaded, goes_into, load};
use people::People;
pub use people::{Colleague, PASSWORD};
use script::Script;

const ZONE: Tz = Tz::Europe__Berlin;
/// As many days as the demo company has been in business.
pub const DAYS: u64 = 90;

/// Who there is, and all that they did, in the order of time.
pub struct Demo {
    pub people: Vec<Colleague>,
    pub edits: Vec<Edit>,
}

/// The last `days` days until now.
pub fn tell(seed: u64, now: Timestamp, days: u64) -> Demo {
    let mut dice = Dice::new(seed);
    let mut script = Script::new(ZONE, now);
    let first = now.day(ZONE).checked_sub_days(Days::new(days)).unwrap_or_default();
    let before = first.checked_sub_days(Days::new(1)).unwrap_or(first);
    let opening = script.clock(before, 8 * 60);

    let mut people = People::new(&mut dice, opening);
    setup::business(&mut script, &people, opening);
    let manager = people.one(Role::Manager, &mut dice);
    let places = setup::places(&mut script, &mut dice, manager, opening);
    people.place(&places.shops, places.warehouse);
    let articles = catalogue::write(&mut script, &mut dice, manager, opening.plus_ms(3_600_000));
    let buyers = setup::customers(&mut script, &mut dice, &people, opening.plus_ms(2 * 3_600_000));
    let company = Company { people, places, articles, buyers };

    let mut receipts = sales::Receipts::default();
    for (nth, day) in first.iter_days().take_while(|day| *day <= now.day(ZONE)).enumerate() {
        // Business grows a little, Mondays are slow, Fridays and Saturdays are not, Sundays are closed.
        let growth = i64::try_from(nth).unwrap_or(0) / 15;
        let (orders, sales) = match day.weekday() {
            Weekday::Sun => continue,
            Weekday::Mon => (10, 14),
            Weekday::Fri => (19, 27),
            Weekday::Sat => (7, 34),
            _ => (14, 20),
        };
        for _ in 0..orders + growth + dice.between(-3, 4) {
            orders::tell(&mut script, &mut dice, &company, day);
        }
        let mut minutes: Vec<i64> =
            (0..sales + growth + dice.between(-4, 5)).map(|_| dice.between(9 * 60, 19 * 60)).collect();
        minutes.sort_unstable();
        for minute in minutes {
            sales::tell(&mut script, &mut dice, &company, &mut receipts, day, minute);
        }
    }
    Demo { edits: script.edits(&mut dice), people: company.people.all }
}
