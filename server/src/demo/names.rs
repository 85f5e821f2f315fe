//! Names and addresses as they are in Germany, Austria and the Netherlands. All invented.

use waybill_shared::order::{Address, Contact};

use super::dice::Dice;

const FIRST: [&str; 48] = [
    "Anna",
    "Lukas",
    "Marie",
    "Jonas",
    "Sophie",
    "Felix",
    "Lena",
    "Paul",
    "Johanna",
    "Maximilian",
    "Clara",
    "Elias",
    "Katharina",
    "Moritz",
    "Theresa",
    "Jakob",
    "Greta",
    "Anton",
    "Ida",
    "Emil",
    "Sanne",
    "Daan",
    "Femke",
    "Bram",
    "Lotte",
    "Sem",
    "Anouk",
    "Thijs",
    "Maaike",
    "Joost",
    "Roos",
    "Pieter",
    "Magdalena",
    "Florian",
    "Veronika",
    "Matthias",
    "Elisabeth",
    "Stefan",
    "Barbara",
    "Georg",
    "Renate",
    "Horst",
    "Gisela",
    "Wolfgang",
    "Mehmet",
    "Aylin",
    "Milena",
    "Tomasz",
];

const LAST: [&str; 56] = [
    "Bergmann",
    "Lindner",
    "Hofer",
    "Gruber",
    "Steiner",
    "Moser",
    "Pichler",
    "Wagner",
    "Brandt",
    "Petersen",
    "Hansen",
    "Janssen",
    "de Vries",
    "van Dijk",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "de Boer",
    "Mulder",
    "Vos",
    "Peters",
    "Hendriks",
    "Dekker",
    "Brouwer",
    "van den Berg",
    "Huber",
    "Maier",
    "Schmid",
    "Egger",
    "Fuchs",
    "Leitner",
    "Winkler",
    "Baumgartner",
    "Reiter",
    "Wallner",
    "Haas",
    "Krüger",
    "Schröder",
    "Neumann",
    "Zimmermann",
    "Hartmann",
    "Krause",
    "Lehmann",
    "Köhler",
    "Böhm",
    "Seidel",
    "Günther",
    "Yıldız",
    "Kowalski",
    "Nowak",
    "Horvat",
    "Kaiser",
    "Vogt",
    "Sommer",
    "Winter",
];

const STREETS_DE: [&str; 14] = [
    "Lindenstraße",
    "Hauptstraße",
    "Am Markt",
    "Gartenweg",
    "Schulstraße",
    "Bahnhofstraße",
    "Mühlenweg",
    "Kirchgasse",
    "Bergstraße",
    "Uferweg",
    "Rosenweg",
    "Goethestraße",
    "Hafenstraße",
    "Am Alten Hof",
];
const STREETS_NL: [&str; 8] = [
    "Dorpsstraat",
    "Kerkstraat",
    "Molenweg",
    "Stationsweg",
    "Prinsengracht",
    "Julianalaan",
    "Havenkade",
    "Beukenlaan",
];
const STREETS_AT: [&str; 8] = [
    "Wiener Straße",
    "Getreidegasse",
    "Ringstraße",
    "Am Graben",
    "Salzburger Straße",
    "Seeweg",
    "Dorfplatz",
    "Weinberggasse",
];

/// Postcode, city, country. Those near the warehouse come first and are the likelier.
const CITIES: [(&str, &str, &str); 28] = [
    ("48143", "Münster", "DE"),
    ("48149", "Münster", "DE"),
    ("48155", "Münster", "DE"),
    ("48161", "Münster", "DE"),
    ("48565", "Steinfurt", "DE"),
    ("48268", "Greven", "DE"),
    ("48291", "Telgte", "DE"),
    ("48249", "Dülmen", "DE"),
    ("48653", "Coesfeld", "DE"),
    ("48429", "Rheine", "DE"),
    ("48599", "Gronau", "DE"),
    ("7511 HN", "Enschede", "NL"),
    ("7551 EC", "Hengelo", "NL"),
    ("7607 HB", "Almelo", "NL"),
    ("7101 AA", "Winterswijk", "NL"),
    ("49074", "Osnabrück", "DE"),
    ("59065", "Hamm", "DE"),
    ("44135", "Dortmund", "DE"),
    ("33602", "Bielefeld", "DE"),
    ("7411 GH", "Deventer", "NL"),
    ("8011 PK", "Zwolle", "NL"),
    ("6811 DG", "Arnhem", "NL"),
    ("3511 LX", "Utrecht", "NL"),
    ("50667", "Köln", "DE"),
    ("1010", "Wien", "AT"),
    ("5020", "Salzburg", "AT"),
    ("8010", "Graz", "AT"),
    ("6020", "Innsbruck", "AT"),
];

const HOUSES: [&str; 12] = [
    "Gasthof",
    "Café",
    "Restaurant",
    "Hotel",
    "Weinstube",
    "Bistro",
    "Eetcafé",
    "Feinkost",
    "Hofladen",
    "Kantine",
    "Brasserie",
    "Biergarten",
];
const SIGNS: [&str; 26] = [
    "Zum Löwen",
    "Krone",
    "Am Prinzipalmarkt",
    "Drei Linden",
    "Alte Post",
    "Seeblick",
    "De Gouden Leeuw",
    "Zum Anker",
    "Schwan",
    "Waldschänke",
    "Het Wapen",
    "Rathauskeller",
    "Zur Sonne",
    "Mühle",
    "Kastanie",
    "De Molen",
    "Zum Hirschen",
    "Parkblick",
    "Kupferkanne",
    "Alter Speicher",
    "Domblick",
    "Zur Linde",
    "Goldene Gans",
    "Am Kanal",
    "Tante Emma",
    "De Haven",
];

pub struct Someone {
    pub name: String,
    pub group: &'static str,
    pub contact: Contact,
    pub address: Address,
}

pub fn person(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))
}

/// A household or a house that serves guests.
pub fn customer(dice: &mut Dice) -> Someone {
    let business = dice.chance(420);
    let contact_name = person(dice);
    let name = match business {
        true if dice.chance(250) => format!("{} {}", dice.pick(&HOUSES), dice.pick(&LAST)),
        true => format!("{} {}", dice.pick(&HOUSES), dice.pick(&SIGNS)),
        false => contact_name.clone(),
    };
    let (postcode, city, country) = *dice.favour(&CITIES);
    let streets: &[&str] = match country {
        "NL" => &STREETS_NL,
        "AT" => &STREETS_AT,
        _ => &STREETS_DE,
    };
    let prefix = match country {
        "NL" => "+31",
        "AT" => "+43",
        _ => "+49",
    };
    let street = format!("{} {}", dice.pick(streets), dice.between(1, 120));
    let phone = format!("{prefix} 555 {:06}", dice.between(0, 999_999));
    let email = format!("{}@example.com", plain(&name));
    Someone {
        group: if business { "business" } else { "private" },
        contact: Contact { name: Some(contact_name), phone: Some(phone), email: Some(email) },
        address: Address {
            name: Some(name.clone()),
            street: Some(street),
            postcode: Some(postcode.to_owned()),
            city: Some(city.to_owned()),
            country: Some(country.to_owned()),
            note: None,
        },
        name,
    }
}

/// As it may stand in a mail address.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for letter in name.to_lowercase().chars() {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'é' => plain.push('e'),
            'ı' => plain.push('i'),
            letter if letter.is_ascii_alphanumeric() => plain.push(letter),
            _ if !plain.ends_with('.') => plain.push('.'),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_mail_addresses() {
        assert_eq!(super::plain("Café Zur Mühle"), "cafe.zur.muehle");
    }
}
