//! The lives of orders, each ten edits by two devices, one of them made without knowing what came before it:
//! a true tenth of stale bases. Many orders are under way at once, each at its own point, as in a business.

use std::sync::Arc;

use waybill_shared::{
    edit::Edit,
    id::{FactId, LineId, OrderId},
    money::{Amount, Currency},
    order::{
        Discount, Order, Payment, PaymentMethod, PaymentState,
        commands::{HandOver, Note, Place, SetDiscount, SetQuantity, SetReference, Tag, TakePayment},
    },
    quantity::Quantity,
    time::Timestamp,
    view::View,
};

use super::goods;
use crate::scribe::{Page, Scribe};

/// Orders that are under way at the same time.
const UNDER_WAY: usize = 400;
pub const CUSTOMERS: u64 = 500;

pub const EDITS_OF_A_LIFE: usize = 10;

struct Life {
    page: Page,
    /// The page before its last edit.
    before: Option<Page>,
    step: usize,
}

/// The edits of so many orders, in the order in which they are handed in; each rests on those before it.
pub fn edits(orders: usize, share: u64, at: Timestamp) -> Vec<Arc<Edit>> {
    let mut office = Scribe::any(at, 2 * share);
    let mut van = Scribe::any(at, 2 * share + 1);
    let mut lives: Vec<Life> = Vec::new();
    let mut edits = Vec::with_capacity(orders * EDITS_OF_A_LIFE);
    let mut begun = 0;
    loop {
        if begun < orders && lives.len() < UNDER_WAY {
            let id: OrderId = office.dice.id(at);
            lives.push(Life { page: Page::blank(id), before: None, step: 0 });
            begun += 1;
        }
        let which = office.dice.below(lives.len() as u64) as usize;
        let Some(life) = lives.get_mut(which) else { return edits };
        edits.push(Arc::new(life.next(begun as u64, &mut office, &mut van)));
        if life.step == EDITS_OF_A_LIFE {
            lives.swap_remove(which);
        }
    }
}

impl Life {
    fn next(&mut self, nth: u64, office: &mut Scribe, van: &mut Scribe) -> Edit {
        self.step += 1;
        let page = &mut self.page;
        match self.step {
            1 => {
                let create = goods::order(nth, CUSTOMERS, office.at, &mut office.dice);
                office.edit(page, create)
            }
            2 => {
                let (line, was) = line(page, 0);
                office.edit(page, SetQuantity { line, was, now: was + Quantity::new(1) })
            }
            3 => {
                let id = fresh_fact(van);
                van.edit(page, Note { id, text: "Ring at the side door.".to_owned() })
            }
            4 => {
                self.before = Some(page.clone());
                office.edit(page, Place {})
            }
            // The van has not heard that it was placed.
            5 => {
                let before = self.before.take().unwrap_or_else(|| page.clone());
                van.late_edit(&before, page, Tag { tag: "fragile".to_owned() })
            }
            6 => {
                let (line, _) = line(page, 1);
                let now = Discount::Percent(Amount::from_minor(10, 0));
                office.edit(page, SetDiscount { line, was: Discount::None, now })
            }
            7 => office.edit(page, SetReference { name: "their_order".to_owned(), value: nth.to_string() }),
            8 => {
                let lines =
                    order(page).live_lines().into_iter().map(|(id, line)| (id, line.quantity)).collect();
                let id = fresh_fact(van);
                van.edit(
                    page,
                    HandOver {
                        id,
                        lines,
                        shown: Default::default(),
                        received_by: Some("Weber".to_owned()),
                        signature: None,
                    },
                )
            }
            9 => {
                let payment = Payment {
                    method: PaymentMethod::Cash,
                    amount: waybill_shared::order::amounts::due(order(page)),
                    currency: Currency::EUR,
                    state: PaymentState::Taken,
                    drawer: None,
                    reference: None,
                };
                let id = fresh_fact(van);
                van.edit(page, TakePayment { id, payment })
            }
            _ => {
                let id = fresh_fact(office);
                office.edit(page, Note { id, text: "Paid in full.".to_owned() })
            }
        }
    }
}

fn fresh_fact(scribe: &mut Scribe) -> FactId {
    let at = scribe.at;
    scribe.dice.id(at)
}

fn order(page: &Page) -> &Order {
    match &page.view {
        View::Order(order) => order,
        other => panic!("a {} is no order", other.kind()),
    }
}

fn line(page: &Page, nth: usize) -> (LineId, Quantity) {
    let lines = order(page).live_lines();
    let (id, line) = lines.get(nth).unwrap_or_else(|| panic!("the order has five lines"));
    (*id, line.quantity)
}
