//! Adding, changing and removing order lines. Quantity, price and discount are guarded by what they replace.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    act::{Act, Refers, RunError, Stands},
    doc::Draft,
    edit::Context,
    finding::{Finding, Rule, check_id},
    id::{LineId, PersonId},
    money::{Amount, Currency},
    order::{Discount, Line, Order, changes::Change},
    protocol::limits,
    quantity::Quantity,
    texts,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddLine {
    /// Given by the server where it is nil.
    #[serde(default)]
    pub id: LineId,
    pub line: Line,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetQuantity {
    pub line: LineId,
    pub was: Quantity,
    pub now: Quantity,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetPrice {
    pub line: LineId,
    pub was: Amount,
    pub now: Amount,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetDiscount {
    pub line: LineId,
    pub was: Discount,
    pub now: Discount,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveLine {
    pub line: LineId,
}

impl Act for AddLine {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        findings.extend(check_line(&self.line, self.line.currency, "line"));
        findings.extend(check_seen(&self.line, "line"));
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if order.lines.contains_key(&self.id) {
            return Ok(());
        }
        draft.set(&["lines", &self.id.to_string()], &self.line)?;
        Change::Added.entry(order, self.id, &self.line, ctx).write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Added {}", self.line.counted(self.line.quantity))
    }

    fn refers(&self) -> Refers {
        Refers::to_none().doc("line/product", self.line.product)
    }

    fn clean(&mut self) {
        self.line.clean();
    }

    fn added(&self, _: PersonId, order: &Order) -> Option<Stands> {
        order.lines.get(&self.id).map(|line| ("line", *line == self.line))
    }

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        order.lines.contains_key(&self.id)
    }

    fn there(&self, order: &Order) -> bool {
        order.lines.contains_key(&self.id)
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = LineId::new(fresh());
        }
    }
}

impl Act for SetQuantity {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_quantity(self.now, "now")
    }

    fn guard(&self, order: &Order) -> Option<Finding> {
        let line = order.lines.get(&self.line).filter(|line| !line.removed)?;
        (line.quantity != self.was && line.quantity != self.now)
            .then(|| Finding::changed("quantity", line.unit.show(self.now), line.unit.show(line.quantity)))
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let line = find(order, self.line)?;
        if line.quantity == self.now {
            return Ok(());
        }
        draft.set(&["lines", &self.line.to_string(), "quantity"], &self.now)?;
        Change::Quantity(self.now).entry(order, self.line, line, ctx).write(ctx, draft)
    }

    fn words(&self, after: &Order) -> String {
        let line = after.lines.get(&self.line);
        let figure = line.map_or_else(|| self.now.count().to_string(), |line| line.unit.show(self.now));
        format!("Changed the quantity of {}: {figure}", name(after, self.line))
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        order.lines.get(&self.line).is_some_and(|line| !line.removed && line.quantity == self.now)
    }

    fn renew(&mut self, order: &Order) {
        if let Some(line) = order.lines.get(&self.line) {
            self.was = line.quantity;
        }
    }
}

impl Act for SetPrice {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_price(self.now, "now")
    }

    fn guard(&self, order: &Order) -> Option<Finding> {
        let line = order.lines.get(&self.line).filter(|line| !line.removed)?;
        (line.price != self.was && line.price != self.now)
            .then(|| Finding::changed("price", self.now.to_string(), line.price.to_string()))
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let line = find(order, self.line)?;
        if line.price == self.now {
            return Ok(());
        }
        draft.set(&["lines", &self.line.to_string(), "price"], &self.now)?;
        Change::Price(self.now).entry(order, self.line, line, ctx).write(ctx, draft)
    }

    fn words(&self, after: &Order) -> String {
        format!("Changed the price of {}: {}", name(after, self.line), self.now)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        order.lines.get(&self.line).is_some_and(|line| !line.removed && line.price == self.now)
    }

    fn renew(&mut self, order: &Order) {
        if let Some(line) = order.lines.get(&self.line) {
            self.was = line.price;
        }
    }
}

impl Act for SetDiscount {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_discount(self.now, "now")
    }

    fn guard(&self, order: &Order) -> Option<Finding> {
        let line = order.lines.get(&self.line).filter(|line| !line.removed)?;
        (line.discount != self.was && line.discount != self.now)
            .then(|| Finding::changed("discount", self.now.to_string(), line.discount.to_string()))
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let line = find(order, self.line)?;
        if line.discount == self.now {
            return Ok(());
        }
        draft.set(&["lines", &self.line.to_string(), "discount"], &self.now)?;
        Change::Discount(self.now).entry(order, self.line, line, ctx).write(ctx, draft)
    }

    fn words(&self, after: &Order) -> String {
        format!("Changed the discount on {}: {}", name(after, self.line), self.now)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        order.lines.get(&self.line).is_some_and(|line| !line.removed && line.discount == self.now)
    }

    fn renew(&mut self, order: &Order) {
        if let Some(line) = order.lines.get(&self.line) {
            self.was = line.discount;
        }
    }
}

impl Act for RemoveLine {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let line = order.lines.get(&self.line).ok_or_else(|| not_there("That line is not in this order."))?;
        if line.removed {
            return Ok(());
        }
        draft.set(&["lines", &self.line.to_string(), "removed"], &true)?;
        Change::Removed.entry(order, self.line, line, ctx).write(ctx, draft)
    }

    fn words(&self, after: &Order) -> String {
        format!("Took off {}", name(after, self.line))
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        order.lines.get(&self.line).is_some_and(|line| line.removed)
    }
}

/// As its order calls it.
fn name(order: &Order, id: LineId) -> &str {
    order.lines.get(&id).map_or("a line", |line| line.name.as_str())
}

/// A line that can be changed: one that is there and was not removed.
fn find(order: &Order, id: LineId) -> Result<&Line, RunError> {
    match order.lines.get(&id) {
        Some(line) if !line.removed => Ok(line),
        Some(line) => Err(not_there(&format!("The line “{}” was removed.", line.name)).into()),
        None => Err(not_there("That line is not in this order.").into()),
    }
}

fn not_there(what: &str) -> Finding {
    Finding::new(Rule::NotThere, what, "Look at the order's lines and choose one of them, or add one.")
        .field("line")
}

/// Of a line that is asked for: what happened is not refused for a name that it took over.
pub(super) fn check_seen(line: &Line, field: &str) -> Option<Finding> {
    (texts::looks_empty(&line.name) && !line.name.trim().is_empty()).then(|| {
        let what = "Nothing is seen of the name of the line.";
        Finding::malformed(&format!("{field}/name"), what, "Write what it is.")
    })
}

pub(super) fn check_line(line: &Line, currency: Currency, field: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if line.name.trim().is_empty() {
        let at = format!("{field}/name");
        findings.push(Finding::malformed(
            &at,
            "The line has neither product nor text.",
            "Choose a product or write what it is.",
        ));
    }
    if line.currency != currency {
        let what = format!("The line is in {}, the order in {currency}.", line.currency);
        findings.push(Finding::malformed(
            &format!("{field}/currency"),
            what,
            "Give every line in the order's currency.",
        ));
    }
    findings.extend(check_quantity(line.quantity, &format!("{field}/quantity")));
    findings.extend(check_price(line.price, &format!("{field}/price")));
    findings.extend(check_discount(line.discount, &format!("{field}/discount")));
    let rate = line.tax.rate;
    if rate.is_negative() || rate > Amount::HUNDRED || rate.places() > limits::DECIMALS {
        findings.push(Finding::malformed(
            &format!("{field}/tax"),
            format!("A tax rate of {rate} % is not possible."),
            format!("Give a rate from 0 to 100 with at most {} decimals.", limits::DECIMALS),
        ));
    }
    findings
}

fn check_quantity(quantity: Quantity, field: &str) -> Vec<Finding> {
    if quantity.is_positive() {
        return check_most(quantity, field);
    }
    vec![Finding::malformed(
        field,
        "The quantity is not above zero.",
        "Give a quantity above zero, or remove the line.",
    )]
}

/// Beyond any goods, whatever the limits in Settings are.
pub(super) fn check_most(quantity: Quantity, field: &str) -> Vec<Finding> {
    if quantity <= Quantity::new(limits::QUANTITY) {
        return Vec::new();
    }
    let remedy = format!("Give at most {} of the smallest unit at once.", limits::QUANTITY);
    vec![Finding::malformed(field, "The quantity is beyond what can be counted.", remedy)]
}

fn check_price(price: Amount, field: &str) -> Vec<Finding> {
    if is_price(price) {
        return Vec::new();
    }
    let remedy =
        format!("Give a price from 0 to {} with at most {} decimals.", limits::PRICE, limits::DECIMALS);
    vec![Finding::malformed(field, format!("{price} is not a price."), remedy)]
}

/// Also of an amount off a line, and of a cost.
pub(crate) fn is_price(amount: Amount) -> bool {
    !amount.is_negative()
        && amount <= Amount::from_minor(limits::PRICE, 0)
        && amount.places() <= limits::DECIMALS
}

fn check_discount(discount: Discount, field: &str) -> Vec<Finding> {
    let fine = match discount {
        Discount::None => true,
        Discount::Percent(percent) => {
            !percent.is_negative()
                && percent <= Amount::HUNDRED
                && percent.places() <= limits::PERCENT_DECIMALS
        }
        Discount::Amount(amount) => is_price(amount),
    };
    if fine {
        return Vec::new();
    }
    vec![Finding::malformed(
        field,
        format!("{discount} is not a discount."),
        format!(
            "Give 0 to 100 % with at most {} decimals, or an amount from 0 to {} with at most {}.",
            limits::PERCENT_DECIMALS,
            limits::PRICE,
            limits::DECIMALS
        ),
    )]
}
