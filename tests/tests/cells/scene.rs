//! What one cell is played on: its document, made with words that nothing else holds, and who may see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use uuid::Uuid;
use waybill_shared::{
    command::Command,
    customer,
    id::{
        CustomerId, CustomerTermsId, FactId, LineId, LocationId, NoteId, NotesId, OrderId, PersonId,
        ProductId, ProductTermsId, SettingsId,
    },
    kind::{DocAddr, DocKind},
    location,
    money::{Amount, Currency},
    notes,
    notes::commands::NotesCommand,
    order::{
        Address, Contact, Discount, Line, Payment, PaymentMethod, PaymentState, Tax, Wanted,
        commands::{AssignDriver, Create},
    },
    product,
    quantity::{Quantity, Unit},
};
use waybill_tests::scribe::{Page, Seeded};

use super::{
    deeds::{Deed, On, Where},
    staff::{DRIVERS, PLACES, Post, Sight},
};

/// One cell's document.
pub struct Scene {
    /// As the author has it.
    pub page: Page,
    /// What is made first, because these are its terms, or about it.
    pub beside: Option<DocAddr>,
    /// In it before, where `has_words`.
    pub words: String,
    pub has_words: bool,
    /// The command takes them out.
    pub loses_words: bool,
    /// What the command brings, where `has_news`.
    pub news: String,
    pub has_news: bool,
    /// Who may see it; `None`: it is not there.
    pub before: Option<Sight>,
    pub after: Sight,
    /// Counts all of them.
    pub nth: u64,
    pub place: LocationId,
    /// Of this place and of the other.
    pub drivers: [PersonId; 2],
    pub line: LineId,
    pub fact: FactId,
    /// Of notes.
    pub about: DocAddr,
    pub note: NoteId,
}

impl Scene {
    /// The scene, and what the admin does to make it.
    pub fn of(
        deed: &Deed,
        nth: u64,
        author: &Post,
        place: Where,
        drivers: [PersonId; 2],
    ) -> (Self, Vec<Command>) {
        let at = usize::from(place == Where::Elsewhere);
        let other = 1 - at;
        let order = |driver| Sight::Order { place: PLACES[at], driver };
        let about = match deed.on {
            On::ShownOrderNotes => new::<OrderId>(),
            _ => new::<CustomerId>(),
        };
        let beside = match deed.on {
            On::ProductTerms => Some(new::<ProductId>()),
            On::CustomerTerms => Some(new::<CustomerId>()),
            On::Notes | On::ShownNotes | On::ShownOrderNotes => Some(about),
            _ => None,
        };
        let whose = beside.map(|addr| addr.id).unwrap_or_default();
        let (addr, before, after) = match deed.on {
            On::Order(_) => (new::<OrderId>(), Some(order(Some(DRIVERS[at]))), order(Some(DRIVERS[at]))),
            On::NewOrder => (new::<OrderId>(), None, order(None)),
            // Out of a van: who sold sees it.
            On::Sale => (new::<OrderId>(), None, order(Some(author.name))),
            On::Product => (new::<ProductId>(), Some(Sight::Everyone), Sight::Everyone),
            On::NewProduct => (new::<ProductId>(), None, Sight::Everyone),
            On::Customer => (new::<CustomerId>(), Some(Sight::Customer), Sight::Customer),
            On::NewCustomer => (new::<CustomerId>(), None, Sight::Customer),
            On::Location => (new::<LocationId>(), Some(Sight::Everyone), Sight::Everyone),
            On::NewLocation => (new::<LocationId>(), None, Sight::Everyone),
            On::ProductTerms => {
                (ProductTermsId::of(ProductId::new(whose)).into(), Some(Sight::Office), Sight::Office)
            }
            On::CustomerTerms => {
                (CustomerTermsId::of(CustomerId::new(whose)).into(), Some(Sight::Office), Sight::Office)
            }
            On::Notes => (NotesId::of(about).into(), Some(Sight::Office), Sight::Office),
            On::ShownNotes => (NotesId::of(about).into(), Some(Sight::Customer), Sight::Customer),
            On::ShownOrderNotes => (NotesId::of(about).into(), Some(order(None)), order(None)),
            On::Settings | On::NewSettings => {
                (SettingsId::ONLY.into(), Some(Sight::Everyone), Sight::Everyone)
            }
        };
        let after = match deed.command {
            "order.assign_driver/1" => order(Some(DRIVERS[other])),
            "notes.show/1" if matches!(deed.on, On::Notes) => Sight::Customer,
            _ => after,
        };
        let mut scene = Self {
            page: Page::blank(addr),
            beside,
            words: word(2 * nth),
            has_words: matches!(
                deed.on,
                On::Order(_)
                    | On::Product
                    | On::Customer
                    | On::Location
                    | On::Notes
                    | On::ShownNotes
                    | On::ShownOrderNotes
            ),
            loses_words: deed.command == "notes.take_out/1",
            news: word(2 * nth + 1),
            has_news: false,
            before,
            after,
            nth,
            place: PLACES[at],
            drivers: [drivers[at], drivers[other]],
            line: LineId::new(Uuid::now_v7()),
            fact: fresh_fact(),
            about,
            note: NoteId::new(Uuid::now_v7()),
        };
        // Hidden, or closed by a note from who had not seen that they are shown.
        scene.after = match ((deed.act)(&scene), scene.before) {
            (Command::Notes(NotesCommand::Show(show)), _) if !show.shown => Sight::Office,
            (Command::Notes(NotesCommand::Write(write)), Some(_)) if !write.saw_shown => Sight::Office,
            _ => scene.after,
        };
        scene.has_news = format!("{:?}", (deed.act)(&scene)).contains(&scene.news);
        let made = match deed.on {
            On::Order(then) => {
                let assign = AssignDriver { driver: Some(scene.drivers[0]), round: None };
                let mut made = vec![scene.order(&scene.words).into(), assign.into()];
                made.extend(then(&scene));
                made
            }
            On::Product => vec![scene.product(&scene.words).into()],
            On::ProductTerms => vec![cost("41").into()],
            On::Customer => vec![customer_named(&scene.words).into()],
            On::CustomerTerms => vec![limit("100").into()],
            On::Notes => vec![scene.noted()],
            On::ShownNotes => vec![scene.noted(), notes::Show { shown: true, location: None }.into()],
            On::ShownOrderNotes => {
                vec![scene.noted(), notes::Show { shown: true, location: Some(scene.place) }.into()]
            }
            On::Location => vec![scene.location(&scene.words).into()],
            On::NewOrder
            | On::Sale
            | On::NewProduct
            | On::NewCustomer
            | On::NewLocation
            | On::Settings
            | On::NewSettings => Vec::new(),
        };
        (scene, made)
    }

    /// Who may see the document afterwards.
    pub fn sight(&self, stands: bool) -> Option<Sight> {
        if stands { Some(self.after) } else { self.before }
    }

    fn noted(&self) -> Command {
        let (id, about, text) = (self.note, self.about, self.words.clone());
        notes::Write { id, about, text, saw_shown: false }.into()
    }

    pub fn order(&self, words: &str) -> Create {
        Create {
            number: format!("A-{}", self.nth),
            channel: "telephone".to_owned(),
            location: self.place,
            customer: None,
            customer_name: Some(words.to_owned()),
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Contact::default(),
            delivery: Address::default(),
            wanted: Wanted::default(),
            lines: BTreeMap::from([(self.line, line("Chair"))]),
        }
    }

    pub fn product(&self, words: &str) -> product::Create {
        product::Create {
            number: format!("P-{}", self.nth),
            name: words.to_owned(),
            description: String::new(),
            category: String::new(),
            unit: Unit::Piece,
            tax_class: "standard".to_owned(),
            barcodes: BTreeMap::new(),
        }
    }

    /// Makes what these are the terms of, or are about.
    pub fn makes_beside(&self) -> Option<(Page, Command)> {
        let addr = self.beside?;
        let command = match addr.kind {
            DocKind::Product => self.product("Beside").into(),
            DocKind::Order => self.order("Beside").into(),
            _ => customer_named("Beside").into(),
        };
        Some((Page::blank(addr), command))
    }

    pub fn location(&self, words: &str) -> location::Create {
        location::Create {
            code: format!("L{}", self.nth),
            name: words.to_owned(),
            kind: location::LocationKind::Shop,
            address: Address::default(),
        }
    }
}

pub fn customer_named(words: &str) -> customer::Create {
    customer::Create {
        number: String::new(),
        name: words.to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Contact::default(),
        addresses: BTreeMap::new(),
    }
}

pub fn cost(of: &str) -> product::SetCost {
    product::SetCost { cost: amount(of), currency: Currency::EUR }
}

pub fn limit(of: &str) -> customer::SetCreditLimit {
    customer::SetCreditLimit { limit: Some(amount(of)), currency: Currency::EUR }
}

pub fn line(name: &str) -> Line {
    Line {
        pos: 1,
        product: None,
        name: name.to_owned(),
        quantity: Quantity::new(2),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: amount("10"),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".to_owned(), rate: amount("19"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

pub fn cash(reference: Option<String>) -> Payment {
    Payment {
        method: PaymentMethod::Cash,
        amount: amount("20"),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference,
    }
}

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn fresh_fact() -> FactId {
    FactId::new(Uuid::now_v7())
}

fn new<T: From<Uuid> + Into<DocAddr>>() -> DocAddr {
    T::from(Uuid::now_v7()).into()
}

/// What every word ends in, so that a disk has to be read through once only.
const END: &str = "qzjx";
/// So many letters before that are enough to know a word by: of its beginning the search keeps only what it has not
/// in common with the word before.
const KNOWN_BY: usize = 8;

fn word(nth: u64) -> String {
    let mut dice = Seeded(nth);
    let letters = (0..2 * KNOWN_BY).map(|_| char::from(b'a' + u8::try_from(dice.below(26)).unwrap()));
    letters.chain(END.chars()).collect()
}

/// What is known of each word in these bytes.
pub fn words_in(bytes: &[u8]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut rest = bytes;
    // From one possible end to the next, by the system's own search: there are megabytes to look through.
    while rest.skip_until(END.as_bytes()[0]).unwrap() > 0 && !rest.is_empty() {
        let end = bytes.len() - rest.len() - 1;
        let letters = &bytes[end.saturating_sub(KNOWN_BY)..end];
        let is_word = bytes[end..].starts_with(END.as_bytes()) && letters.iter().all(u8::is_ascii_lowercase);
        if is_word && letters.len() == KNOWN_BY {
            words.insert(String::from_utf8_lossy(letters).into_owned());
        }
    }
    words
}

/// The same of one word.
pub fn known(word: &str) -> String {
    words_in(word.as_bytes()).into_iter().collect()
}
