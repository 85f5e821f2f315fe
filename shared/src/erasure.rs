//! What goes when a customer's personal data is erased, and what the books keep: amounts, goods, days, numbers, and
//! who of the staff did what. One table over documents, one over commands; both name every case, so that whoever
//! adds a field or a command decides here.

use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    customer::{self, Customer},
    doc::{Actor, Doc, DocError},
    edit::{Edit, Part},
    finding::{Finding, Rule},
    id::CustomerId,
    kind::{DocAddr, DocKind},
    notes::{self, Notes},
    order::{Address, Contact, Line, Order, Payment, Sale, What},
    time::Timestamp,
    view::View,
};

/// In a document: its customer's personal data is gone, and none comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub at: Timestamp,
}

/// Stands where a document needs a name.
pub const ERASED: &str = "(erased)";

/// The same of an entry that was not sent yet.
pub const ERASED_HERE: &str = "(erased) This customer was erased: what this entry said of them is gone, and the server \
    says what becomes of the rest";

/// The document made anew without what was personal in it.
pub fn anew(doc: &Doc, view: &View, at: Timestamp, actor: Actor) -> Result<Doc, DocError> {
    match without(view, at) {
        View::Order(order) => doc.anew_as(&order, actor),
        View::Customer(customer) => doc.anew_as(&customer, actor),
        View::CustomerTerms(terms) => doc.anew_as(&terms, actor),
        View::Product(product) => doc.anew_as(&product, actor),
        View::ProductTerms(terms) => doc.anew_as(&terms, actor),
        View::Location(location) => doc.anew_as(&location, actor),
        View::Notes(notes) => doc.anew_as(&notes, actor),
        View::Settings(settings) => doc.anew_as(&settings, actor),
        // What is personal in it only a later version knows.
        View::Newer(kind) => Err(DocError::NoMap(kind.to_string())),
    }
}

pub fn is_erased(view: &View) -> bool {
    erased(view).is_some()
}

fn erased(view: &View) -> Option<Erased> {
    match view {
        View::Order(order) => order.erased,
        View::Customer(customer) => customer.erased,
        View::Notes(notes) => notes.erased,
        _ => None,
    }
}

/// The same of a document that nobody has read.
pub fn is_erased_in(doc: &Doc) -> bool {
    doc.holds("erased")
}

/// The customer that an edit names in its commands.
pub fn names(edit: &Edit) -> impl Iterator<Item = CustomerId> + '_ {
    edit.parts.iter().filter_map(|part| match &part.command {
        Command::OrderCreate(create) => create.customer,
        Command::OrderRecordSale(record) => record.sale.customer,
        Command::NotesWrite(write) if write.about.kind == DocKind::Customer => {
            Some(CustomerId::new(write.about.id))
        }
        _ => None,
    })
}

/// The orders that an edit makes for the customer.
pub fn orders_for(edit: &Edit, customer: CustomerId) -> impl Iterator<Item = DocAddr> + '_ {
    let is_for = move |part: &&Part| match &part.command {
        Command::OrderCreate(create) => create.customer == Some(customer),
        Command::OrderRecordSale(record) => record.sale.customer == Some(customer),
        _ => false,
    };
    edit.parts.iter().filter(is_for).map(|part| part.doc)
}

/// The documents that an edit tells something of: once one of them is erased, what is personal goes from the edit too,
/// whatever was said of it.
pub fn concerns(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.docs().chain(notes::abouts(edit)).chain(names(edit).map(DocAddr::from))
}

/// The document still says something that an erased one does not.
pub fn is_to_be_erased(view: &View) -> bool {
    match erased(view) {
        Some(Erased { at }) => without(view, at) != *view,
        None => true,
    }
}

/// What is said to somebody who asks for it to be written down again.
pub fn finding() -> Finding {
    Finding::new(
        Rule::Erased,
        "This customer's personal data was erased, at their own wish, and is not written down again.",
        "Enter it without names, addresses and notes, or give it up.",
    )
}

fn without(view: &View, at: Timestamp) -> View {
    let mut view = view.clone();
    match &mut view {
        View::Order(order) => order_without(order, at),
        View::Customer(customer) => customer_without(customer, at),
        View::Notes(notes) => notes_without(notes, at),
        // Amounts and names of the business's own.
        View::CustomerTerms(_)
        | View::Product(_)
        | View::ProductTerms(_)
        | View::Location(_)
        | View::Settings(_)
        | View::Newer(_) => {}
    }
    view
}

fn order_without(order: &mut Order, at: Timestamp) {
    let Order {
        head,
        contact,
        delivery,
        wanted: _,
        plan: _,
        tags,
        refs,
        lines,
        steps,
        facts,
        history,
        attachments,
        erased,
    } = order;
    if let Some(head) = head {
        head.customer_name = None;
    }
    *contact = Contact::default();
    *delivery = Address::default();
    tags.clear();
    refs.clear();
    lines.values_mut().for_each(line);
    steps.values_mut().for_each(|step| step.reason = None);
    facts.retain(|_, fact| !matches!(fact.what, What::Note { .. }));
    facts.values_mut().for_each(|fact| what(&mut fact.what));
    // Changes of lines are the order's books, in figures.
    history.retain(|_, entry| entry.line.is_some());
    attachments.clear();
    *erased = Some(Erased { at });
}

fn what(what: &mut What) {
    match what {
        What::HandedOver { lines: _, shown, received_by, signature } => {
            shown.values_mut().for_each(|shown| line(&mut shown.line));
            (*received_by, *signature) = (None, None);
        }
        What::NotDelivered { reason: _, note } => *note = None,
        What::Payment(paid) => payment(paid),
        What::Sale(sold) => sale(sold),
        What::Reversal { fact: _, reason } => ERASED.clone_into(reason),
        What::Note { text } => ERASED.clone_into(text),
        What::Unknown => {}
    }
}

fn line(line: &mut Line) {
    line.note = None;
    // What is no product was written by hand.
    if line.product.is_none() {
        ERASED.clone_into(&mut line.name);
    }
}

fn payment(payment: &mut Payment) {
    payment.reference = None;
}

fn sale(sale: &mut Sale) {
    sale.customer_name = None;
    sale.lines.values_mut().for_each(line);
    sale.payments.values_mut().for_each(payment);
}

fn customer_without(customer: &mut Customer, at: Timestamp) {
    let Customer { fields, contact, addresses, facts, history, attachments, erased } = customer;
    // The number is what the books and the paper ones call the customer.
    let customer::Fields { number: _, name, group: _, tax_number, retired } = fields;
    ERASED.clone_into(name);
    tax_number.clear();
    *retired = true;
    *contact = Contact::default();
    addresses.clear();
    facts.clear();
    history.clear();
    attachments.clear();
    *erased = Some(Erased { at });
}

/// What they were about is a number, and who may read them is no secret.
fn notes_without(all: &mut Notes, at: Timestamp) {
    let Notes { about: _, fields: _, notes, history, erased } = all;
    notes.clear();
    history.clear();
    *erased = Some(Erased { at });
}

/// Takes what is personal out of an edit; `false`: there was nothing.
pub fn clean(edit: &mut Edit) -> bool {
    let mut cleaned = false;
    for part in &mut edit.parts {
        let mut command = part.command.clone();
        clean_command(&mut command);
        if command != part.command {
            part.command = command;
            cleaned = true;
        }
    }
    if let Some(overriding) = edit.overriding.as_mut().filter(|overriding| overriding.reason != ERASED) {
        ERASED.clone_into(&mut overriding.reason);
        cleaned = true;
    }
    cleaned
}

fn clean_command(command: &mut Command) {
    match command {
        Command::OrderCreate(create) => {
            create.customer_name = None;
            create.contact = Contact::default();
            create.delivery = Address::default();
            create.lines.values_mut().for_each(line);
        }
        Command::OrderSetContact(set) => set.contact = Contact::default(),
        Command::OrderSetAddress(set) => (set.was, set.now) = Default::default(),
        Command::OrderSetReference(set) => {
            ERASED.clone_into(&mut set.name);
            ERASED.clone_into(&mut set.value);
        }
        Command::OrderTag(tag) => ERASED.clone_into(&mut tag.tag),
        Command::OrderUntag(tag) => ERASED.clone_into(&mut tag.tag),
        Command::OrderAddLine(add) => line(&mut add.line),
        Command::OrderCancel(cancel) => ERASED.clone_into(&mut cancel.reason),
        Command::OrderNote(note) => ERASED.clone_into(&mut note.text),
        Command::OrderAttach(attach) => ERASED.clone_into(&mut attach.name),
        Command::OrderHandOver(over) => {
            over.shown.values_mut().for_each(|shown| line(&mut shown.line));
            (over.received_by, over.signature) = (None, None);
        }
        Command::OrderNotDelivered(not) => not.note = None,
        Command::OrderTakePayment(taken) => payment(&mut taken.payment),
        Command::OrderRecordSale(record) => sale(&mut record.sale),
        Command::OrderReverse(reverse) => ERASED.clone_into(&mut reverse.reason),
        Command::CustomerCreate(create) => {
            ERASED.clone_into(&mut create.name);
            create.tax_number.clear();
            create.contact = Contact::default();
            create.addresses.clear();
        }
        Command::CustomerSetField(set) => match &mut set.field {
            customer::Field::Name(name) => ERASED.clone_into(name),
            customer::Field::TaxNumber(number) => number.clear(),
            customer::Field::Contact(contact) => *contact = Contact::default(),
            customer::Field::Address { name, address } => {
                ERASED.clone_into(name);
                *address = Address::default();
            }
            customer::Field::Number(_) | customer::Field::Group(_) | customer::Field::Retired(_) => {}
        },
        Command::CustomerNote(note) => ERASED.clone_into(&mut note.text),
        Command::NotesWrite(note) => ERASED.clone_into(&mut note.text),
        // Figures, steps, and what is the business's own.
        Command::OrderSetWanted(_)
        | Command::OrderSetPriority(_)
        | Command::OrderSetQuantity(_)
        | Command::OrderSetPrice(_)
        | Command::OrderSetDiscount(_)
        | Command::OrderRemoveLine(_)
        | Command::OrderPlace(_)
        | Command::OrderConfirm(_)
        | Command::OrderAssignDriver(_)
        | Command::ProductCreate(_)
        | Command::ProductSetField(_)
        | Command::ProductSetPrice(_)
        | Command::ProductRetire(_)
        | Command::ProductTermsSetCost(_)
        | Command::CustomerTermsSetCredit(_)
        | Command::LocationCreate(_)
        | Command::LocationSetField(_)
        | Command::NotesTakeOut(_)
        | Command::NotesShow(_)
        | Command::SettingsCreate(_)
        | Command::SettingsSetField(_)
        | Command::SettingsSetLimit(_) => {}
    }
}
