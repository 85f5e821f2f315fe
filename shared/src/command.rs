//! The table of commands: name, document and kind of each, and how one is run.
//!
//! A name ends in its version. A command is never removed and never changes what it writes: a new way of
//! writing is a new version beside the old one.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    doc::{Actor, ChangeBytes, Doc, DocError, Draft, Spot},
    edit::{Context, EditKind},
    finding::{Finding, Rule},
    kind::DocKind,
    texts,
    view::View,
    {customer, location, notes, order, product, settings},
};

/// A document as a struct.
pub trait Document: DeserializeOwned + Default {
    const KIND: DocKind;
    fn of(view: &View) -> Option<&Self>;
}

/// Why a command did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{}", .0.what)]
    Finding(Box<Finding>),
    /// A defect of ours, never the user's doing.
    #[error(transparent)]
    Doc(#[from] DocError),
}

impl From<Finding> for RunError {
    fn from(finding: Finding) -> Self {
        Self::Finding(Box::new(finding))
    }
}

impl RunError {
    pub fn finding(self) -> Finding {
        match self {
            Self::Finding(finding) => *finding,
            Self::Doc(error) => Finding::new(
                Rule::Defect,
                format!("This could not be carried out: {error}."),
                "It is kept. Report it to your administrator.",
            ),
        }
    }
}

/// What every command can do. `run` reads only the command, its context and its own document.
pub trait Act {
    type Of: Document;

    /// The form of the arguments, whatever the state.
    fn check(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Writes the change. A finding means that it cannot be done on this document; facts have none.
    fn run(&self, doc: &Self::Of, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError>;

    /// A guarded request: the finding when the value it replaces is no longer there.
    fn guard(&self, _doc: &Self::Of) -> Option<Finding> {
        None
    }

    /// The document shows what this request asked for. Where it does not after a merge, the request is
    /// redone on the head, so that a later edit is never silently without effect.
    fn shows(&self, _doc: &Self::Of) -> bool {
        true
    }

    /// What came between has to stand before this request, so that it cannot be merged as it was made: it is
    /// redone on the head, or dropped where the head shows already what it asks for.
    fn overtaken(&self, _base: &Self::Of, _head: &Self::Of) -> bool {
        false
    }

    /// What this command would add stands there already under its id: it is never written a second time.
    fn there(&self, _doc: &Self::Of) -> bool {
        false
    }

    /// A guarded request once more: it now replaces what is there.
    fn renew(&mut self, _doc: &Self::Of) {}

    /// Takes down what its author sees of the document and it does not say yet: what a fact is worth must
    /// not depend on where it is run again.
    fn see(&mut self, _doc: &Self::Of) {}

    /// Gives the ids that a client without documents left out.
    fn complete(&mut self, _fresh: &mut dyn FnMut() -> Uuid) {}
}

macro_rules! commands {
    ($($name:literal $variant:ident($body:ty) $kind:ident;)*) => {
        /// A command as it travels: a map with its name as the only key.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Command { $(#[serde(rename = $name)] $variant(Box<$body>),)* }

        impl Command {
            /// Every name, for the documents and for the golden corpus.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// Facts are never refused for a state; requests are judged on the result.
            pub fn kind(&self) -> EditKind {
                match self { $(Self::$variant(_) => EditKind::$kind,)* }
            }

            /// The kind of document it works on.
            pub fn of(&self) -> DocKind {
                match self { $(Self::$variant(_) => <<$body as Act>::Of as Document>::KIND,)* }
            }

            pub fn check(&self) -> Vec<Finding> {
                let mut findings = match self { $(Self::$variant(body) => body.check(),)* };
                findings.extend(match self.kind() {
                    EditKind::Facts => texts::check_fact(self),
                    EditKind::Requests => texts::check(self),
                });
                findings
            }

            pub fn guard(&self, view: &View) -> Option<Finding> {
                match self { $(Self::$variant(body) => Document::of(view).and_then(|doc| body.guard(doc)),)* }
            }

            pub fn shows(&self, view: &View) -> bool {
                match self { $(Self::$variant(body) => Document::of(view).is_some_and(|doc| body.shows(doc)),)* }
            }

            pub fn overtaken(&self, base: &View, head: &View) -> bool {
                match self {
                    $(Self::$variant(body) => match (Document::of(base), Document::of(head)) {
                        (Some(base), Some(head)) => body.overtaken(base, head),
                        _ => false,
                    },)*
                }
            }

            pub fn there(&self, view: &View) -> bool {
                match self { $(Self::$variant(body) => Document::of(view).is_some_and(|doc| body.there(doc)),)* }
            }

            /// Makes a guarded request replace what is there now.
            pub fn renew(&mut self, view: &View) {
                match self { $(Self::$variant(body) => if let Some(doc) = Document::of(view) { body.renew(doc) },)* }
            }

            pub fn see(&mut self, view: &View) {
                match self { $(Self::$variant(body) => if let Some(doc) = Document::of(view) { body.see(doc) },)* }
            }

            pub fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
                match self { $(Self::$variant(body) => body.complete(fresh),)* }
            }

            fn write(&self, view: &View, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
                match self {
                    $(Self::$variant(body) => match Document::of(view) {
                        Some(doc) => body.run(doc, ctx, draft),
                        None => Err(wrong_document().into()),
                    },)*
                }
            }
        }

        $(impl From<$body> for Command {
            fn from(body: $body) -> Self { Self::$variant(Box::new(body)) }
        })*
    };
}

commands! {
    "order.create/1"            OrderCreate(order::commands::Create) Requests;
    "order.set_contact/1"       OrderSetContact(order::commands::SetContact) Requests;
    "order.set_address/1"       OrderSetAddress(order::commands::SetAddress) Requests;
    "order.set_wanted/1"        OrderSetWanted(order::commands::SetWanted) Requests;
    "order.set_priority/1"      OrderSetPriority(order::commands::SetPriority) Requests;
    "order.set_reference/1"     OrderSetReference(order::commands::SetReference) Requests;
    "order.tag/1"               OrderTag(order::commands::Tag) Requests;
    "order.untag/1"             OrderUntag(order::commands::Untag) Requests;
    "order.add_line/1"          OrderAddLine(order::commands::AddLine) Requests;
    "order.set_quantity/1"      OrderSetQuantity(order::commands::SetQuantity) Requests;
    "order.set_price/1"         OrderSetPrice(order::commands::SetPrice) Requests;
    "order.set_discount/1"      OrderSetDiscount(order::commands::SetDiscount) Requests;
    "order.remove_line/1"       OrderRemoveLine(order::commands::RemoveLine) Requests;
    "order.place/1"             OrderPlace(order::commands::Place) Requests;
    "order.confirm/1"           OrderConfirm(order::commands::Confirm) Requests;
    "order.cancel/1"            OrderCancel(order::commands::Cancel) Requests;
    "order.assign_driver/1"     OrderAssignDriver(order::commands::AssignDriver) Requests;
    "order.note/1"              OrderNote(order::commands::Note) Facts;
    "order.attach/1"            OrderAttach(order::commands::Attach) Facts;
    "order.hand_over/1"         OrderHandOver(order::commands::HandOver) Facts;
    "order.not_delivered/1"     OrderNotDelivered(order::commands::NotDelivered) Facts;
    "order.take_payment/1"      OrderTakePayment(order::commands::TakePayment) Facts;
    "order.record_sale/1"       OrderRecordSale(order::commands::RecordSale) Facts;
    "order.reverse/1"           OrderReverse(order::commands::Reverse) Facts;
    "product.create/1"          ProductCreate(product::Create) Requests;
    "product.set_field/1"       ProductSetField(product::SetField) Requests;
    "product.set_price/1"       ProductSetPrice(product::SetPrice) Facts;
    "product.retire/1"          ProductRetire(product::Retire) Requests;
    "product_terms.set_cost/1"  ProductTermsSetCost(product::SetCost) Requests;
    "customer.create/1"         CustomerCreate(customer::Create) Requests;
    "customer.set_field/1"      CustomerSetField(customer::SetField) Requests;
    "customer.note/1"           CustomerNote(customer::ContactNote) Facts;
    "customer_terms.set_credit/1" CustomerTermsSetCredit(customer::SetCreditLimit) Requests;
    "location.create/1"         LocationCreate(location::Create) Requests;
    "location.set_field/1"      LocationSetField(location::SetField) Requests;
    "notes.write/1"             NotesWrite(notes::Write) Facts;
    "notes.take_out/1"          NotesTakeOut(notes::TakeOut) Requests;
    "notes.show/1"              NotesShow(notes::Show) Requests;
    "settings.create/1"         SettingsCreate(settings::Create) Requests;
    "settings.set_field/1"      SettingsSetField(settings::SetField) Requests;
    "settings.set_limit/1"      SettingsSetLimit(settings::SetLimit) Requests;
}

/// What running a command gave.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document with the change in it.
    pub doc: Doc,
    pub view: View,
    /// `None` when the command changed nothing.
    pub change: Option<ChangeBytes>,
}

/// What running a command in a document gave.
#[derive(Clone, Debug)]
pub struct Wrote {
    pub view: View,
    /// `None` when the command changed nothing.
    pub change: Option<ChangeBytes>,
    /// Where the change wrote.
    pub spots: Vec<Spot>,
}

/// The central function: pure, the same inputs give the same change, bit for bit. `view` is what was read of
/// `base`.
pub fn run(
    base: &Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    actor: Actor,
) -> Result<Written, RunError> {
    let mut doc = base.clone();
    let Wrote { view, change, .. } = run_in(&mut doc, view, command, ctx, actor)?;
    Ok(Written { doc, view, change })
}

/// The same in the document itself. On an error it is as before.
pub fn run_in(
    doc: &mut Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    actor: Actor,
) -> Result<Wrote, RunError> {
    if doc.kind() != command.of() {
        return Err(wrong_document().into());
    }
    let before = doc.heads().to_vec();
    let (change, mut spots) = doc.write(actor, ctx.at, |draft| command.write(view, ctx, draft))?;
    let mut view = view.clone();
    if let Err(error) = view.refresh(doc, &mut spots) {
        doc.go_back(&before);
        return Err(error.into());
    }
    Ok(Wrote { view, change, spots })
}

fn wrong_document() -> Finding {
    Finding::malformed(
        "document",
        "This command does not work on that kind of document.",
        "Send it with the address of a document of its own kind.",
    )
}
