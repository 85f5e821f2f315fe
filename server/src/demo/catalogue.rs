//! Some 200 products of a wholesaler of drinks and delicatessen with two shops.

use std::collections::BTreeMap;

use waybill_shared::{
    id::{Id, PriceId, ProductId, ProductTermsId},
    money::{Amount, Currency},
    product,
    quantity::Unit,
    time::Timestamp,
};

use super::{
    dice::Dice,
    script::{Hand, Script},
};

/// A product with what an order line copies from it.
#[derive(Clone, Debug)]
pub struct Article {
    pub id: ProductId,
    pub name: String,
    pub unit: Unit,
    pub tax_class: &'static str,
    pub rate: i64,
    pub price: Amount,
}

/// A category: what it is called, unit, tax class, lowest and highest price in cents, and the products as
/// every first word with every second.
struct Shelf(&'static str, Unit, &'static str, (i64, i64), &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const SHELVES: &[Shelf] = &[
    Shelf("Beer", Unit::Piece, "standard", (105, 189),
        &["Hofbrunn", "Waldquell", "Nordlicht", "Grachtenbräu"],
        &["Pilsner 0.5 l", "Helles 0.5 l", "Weizen 0.5 l", "Dunkel 0.5 l", "alcohol-free 0.5 l"]),
    Shelf("White wine", Unit::Piece, "standard", (690, 1690),
        &["Riesling", "Grauburgunder", "Grüner Veltliner", "Chardonnay", "Sauvignon Blanc"],
        &["Kaiserstuhl 0.75 l", "Wachau 0.75 l", "Mosel 0.75 l", "Rheinhessen 0.75 l"]),
    Shelf("Red wine", Unit::Piece, "standard", (650, 2190),
        &["Spätburgunder", "Zweigelt", "Merlot", "Blaufränkisch"],
        &["Baden 0.75 l", "Burgenland 0.75 l", "Pfalz 0.75 l", "Südtirol 0.75 l"]),
    Shelf("Juice", Unit::Piece, "standard", (149, 349),
        &["Apple juice", "Orange juice", "Grape juice", "Pear juice", "Cherry nectar", "Tomato juice"],
        &["0.2 l", "1 l"]),
    Shelf("Soft drinks", Unit::Piece, "standard", (69, 199),
        &["Still water", "Sparkling water", "Lemonade", "Cola", "Iced tea", "Tonic water"],
        &["0.33 l", "1 l"]),
    Shelf("Coffee", Unit::Piece, "reduced", (1090, 2490),
        &["Hamburg roast", "Vienna roast", "Amsterdam roast"],
        &["espresso 1 kg", "filter 1 kg", "decaf 500 g", "organic 1 kg"]),
    Shelf("Tea", Unit::Piece, "reduced", (349, 899),
        &["Darjeeling", "Assam", "Earl Grey", "Sencha", "Peppermint", "Camomile", "Rooibos"],
        &["loose 250 g", "20 bags"]),
    Shelf("Cheese", Unit::Kilogram, "reduced", (1190, 3290),
        &["Gouda", "Bergkäse", "Emmental", "Edam", "Tilsit", "Leiden"],
        &["young", "medium", "old"]),
    Shelf("Ham and sausage", Unit::Kilogram, "reduced", (1490, 3990),
        &["Black Forest ham", "Tyrolean speck", "Salami", "Lyoner", "Mettwurst", "Roast beef", "Leberkäse"],
        &["whole", "sliced"]),
    Shelf("Antipasti", Unit::Kilogram, "reduced", (990, 2690),
        &["Green olives", "Black olives", "Dried tomatoes", "Artichokes", "Stuffed peppers", "Anchovies"],
        &["in oil", "with herbs"]),
    Shelf("Oil and vinegar", Unit::Piece, "reduced", (490, 1890),
        &["Olive oil", "Rapeseed oil", "Pumpkin seed oil", "Walnut oil", "Wine vinegar", "Apple vinegar"],
        &["0.5 l", "1 l"]),
    Shelf("Pasta and rice", Unit::Piece, "reduced", (129, 449),
        &["Spaghetti", "Penne", "Tagliatelle", "Fusilli", "Spätzle", "Risotto rice", "Basmati rice", "Wild rice"],
        &["500 g", "1 kg"]),
    Shelf("Sweets", Unit::Piece, "reduced", (149, 1290),
        &["Dark chocolate", "Milk chocolate", "Nougat", "Marzipan", "Stroopwafels", "Lebkuchen", "Waffles",
          "Liquorice", "Pralines"],
        &["100 g", "gift box"]),
    Shelf("Glassware", Unit::Piece, "standard", (290, 1490),
        &["Beer glass", "Wine glass", "Water glass", "Espresso cup", "Carafe", "Decanter"],
        &["plain", "engraved"]),
    Shelf("Services", Unit::Hour, "standard", (3900, 5900),
        &["Event service", "Bar rental"],
        &["weekday", "weekend"]),
];

/// Everybody's till knows what is made here. Prices hold from `from`; some rise half way.
pub fn write(script: &mut Script, dice: &mut Dice, by: Hand, from: Timestamp) -> Vec<Article> {
    let mut articles = Vec::new();
    let mut number = 0;
    let mut at = from;
    for Shelf(category, unit, tax_class, (low, high), firsts, seconds) in SHELVES {
        for first in *firsts {
            for second in *seconds {
                number += 1;
                at = at.plus_ms(2_000);
                let id = ProductId::fresh(at, dice);
                let name = format!("{first} {second}");
                let price = nice(dice.between(*low, *high));
                let barcode = ean(4_012_345_000_000 + number * 10);
                script.happens(
                    at,
                    by,
                    id,
                    product::Create {
                        number: format!("A-{number:04}"),
                        name: name.clone(),
                        description: String::new(),
                        category: (*category).to_owned(),
                        unit: *unit,
                        tax_class: (*tax_class).to_owned(),
                        barcodes: BTreeMap::from([(barcode, true)]),
                    },
                );
                set_price(script, dice, by, id, at.plus_ms(500), price, at);
                let cost = price.checked_mul(Amount::from_minor(dice.between(48, 70), 2)).unwrap_or_default();
                let cost = product::SetCost { cost: cost.rounded(2), currency: Currency::EUR };
                script.happens(at.plus_ms(900), by, ProductTermsId::of(id), cost);
                if dice.chance(80) {
                    let later = from.plus_ms(45 * 24 * 3_600_000 + number * 1_000);
                    let dearer = price.checked_mul(Amount::from_minor(105, 2)).unwrap_or_default().rounded(2);
                    set_price(script, dice, by, id, later, dearer, later);
                }
                let rate = if *tax_class == "standard" { 19 } else { 7 };
                articles.push(Article { id, name, unit: *unit, tax_class, rate, price });
            }
        }
    }
    // The favourites of the customers are spread over the shelves.
    for at in (1..articles.len()).rev() {
        let other = dice.between(0, i64::try_from(at).unwrap_or(0));
        articles.swap(at, usize::try_from(other).unwrap_or(0));
    }
    articles
}

fn set_price(
    script: &mut Script,
    dice: &mut Dice,
    by: Hand,
    product: ProductId,
    at: Timestamp,
    price: Amount,
    from: Timestamp,
) {
    let from = from.day(script.zone);
    let id = PriceId::fresh(at, dice);
    script.happens(
        at,
        by,
        product,
        product::SetPrice { id, price, currency: Currency::EUR, tax_included: true, from },
    );
}

/// As prices are: ending in 9.
fn nice(cents: i64) -> Amount {
    Amount::from_minor(cents / 10 * 10 + 9, 2)
}

/// With its check digit.
fn ean(first_twelve_and_zero: i64) -> String {
    let digits = format!("{:012}", first_twelve_and_zero / 10);
    let sum: u32 = digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_have_their_check_digit() {
        assert_eq!(ean(4_006_381_333_930), "4006381333931");
    }

    #[test]
    fn there_are_some_two_hundred_products() {
        let products: usize =
            SHELVES.iter().map(|Shelf(.., firsts, seconds)| firsts.len() * seconds.len()).sum();
        assert!((190..=230).contains(&products), "{products}");
    }
}
