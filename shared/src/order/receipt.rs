//! Receipts: each device prints a series without gaps, and each receipt holds the hash of the one before, so
//! that none can be changed, left out or put in between without its being seen. A restored or copied device
//! begins another series.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Sale;
use crate::{
    doc::Hash,
    id::{DeviceId, Id},
};

/// A receipt's place in the series of the device that printed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The device's code, and what was drawn when it began another series.
    pub series: String,
    /// Its place, from 1 and without gaps.
    pub nth: u32,
    /// The hash of the receipt before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Hash>,
    /// Over the place and what is printed.
    pub hash: Hash,
}

impl Link {
    pub fn new(series: String, nth: u32, before: Option<Hash>, sale: &Sale) -> Self {
        let hash = hash(&series, nth, before, sale);
        Self { series, nth, before, hash }
    }

    /// It is of this sale, and nothing in it was changed.
    pub fn holds(&self, sale: &Sale) -> bool {
        self.hash == hash(&self.series, self.nth, self.before, sale)
    }
}

/// SHA-256 over fields one after the other, each as its length (4 bytes, big-endian) and its UTF-8 text. The
/// time is not among them: the server may set it right.
fn hash(series: &str, nth: u32, before: Option<Hash>, sale: &Sale) -> Hash {
    let mut fields = Fields(Sha256::new());
    fields.text("waybill receipt 1");
    fields.text(series);
    fields.show(nth);
    fields.text(&before.map(|hash| hash.to_string()).unwrap_or_default());
    fields.text(&sale.receipt);
    fields.text(&sale.channel);
    fields.id(Some(sale.location));
    fields.id(sale.customer);
    fields.text(sale.customer_name.as_deref().unwrap_or_default());
    fields.text(sale.currency.code());
    fields.show(sale.lines.len());
    for (id, line) in &sale.lines {
        fields.id(Some(*id));
        fields.id(line.product);
        fields.text(&line.name);
        fields.text(&line.unit.show(line.quantity));
        fields.text(line.unit.name());
        fields.show(line.price);
        fields.show(line.discount);
        fields.text(&line.tax.class);
        fields.show(line.tax.rate);
        fields.text(if line.tax.included { "included" } else { "added" });
        fields.text(line.lot.as_deref().unwrap_or_default());
        fields.text(line.serial.as_deref().unwrap_or_default());
    }
    fields.show(sale.payments.len());
    for (id, payment) in &sale.payments {
        fields.id(Some(*id));
        fields.text(payment.method.name());
        fields.show(payment.amount);
        fields.text(payment.currency.code());
        fields.text(payment.state.name());
    }
    fields.show(sale.change);
    Hash(fields.0.finalize().into())
}

struct Fields(Sha256);

impl Fields {
    fn text(&mut self, text: &str) {
        self.0.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn show(&mut self, value: impl std::fmt::Display) {
        self.text(&value.to_string());
    }

    /// 32 hexadecimal digits, or nothing.
    fn id<I: Into<Uuid>>(&mut self, id: Option<I>) {
        self.text(&id.map(|id| id.into().simple().to_string()).unwrap_or_default());
    }
}

/// All receipts that a server has, held against each other.
#[derive(Debug, Default)]
pub struct Receipts {
    series: BTreeMap<(DeviceId, String), BTreeMap<u32, Printed>>,
    wrong: Vec<String>,
}

#[derive(Debug)]
struct Printed {
    receipt: String,
    before: Option<Hash>,
    hash: Hash,
}

impl Receipts {
    /// One that is seen twice, as in an edit and in its document, counts once. A sale by a client that keeps
    /// no series is none of a series. `erased`: what was personal on it is gone, and what is left cannot be held
    /// against its hash; that those around it follow each other still shows.
    pub fn note(&mut self, device: DeviceId, sale: &Sale, erased: bool) {
        let Some(link) = &sale.link else { return };
        if !erased && !link.holds(sale) {
            self.wrong.push(format!("receipt {}: it is not what was printed", sale.receipt));
        }
        let series = self.series.entry((device, link.series.clone())).or_default();
        match series.get(&link.nth) {
            Some(other) if other.hash == link.hash => {}
            Some(other) => {
                let (nth, receipt) = (link.nth, &sale.receipt);
                self.wrong.push(format!("receipt {receipt}: {} has the place {nth} too", other.receipt));
            }
            None => {
                let (receipt, before, hash) = (sale.receipt.clone(), link.before, link.hash);
                series.insert(link.nth, Printed { receipt, before, hash });
            }
        }
    }

    /// Numbers between others that are not there.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for ((device, series), receipts) in &self.series {
            let mut next = 1;
            for nth in receipts.keys() {
                if *nth > next {
                    gaps.push(Gap { device: *device, series: series.clone(), first: next, last: nth - 1 });
                }
                next = nth.saturating_add(1);
            }
        }
        gaps
    }

    /// One sentence for each that is changed, out of its place, or missing and not `on_their_way`.
    pub fn wrong(mut self, on_their_way: &[Gap]) -> Vec<String> {
        let missing = self.gaps().into_iter().filter(|gap| !on_their_way.contains(gap));
        let missing: Vec<String> = missing.map(|gap| gap.to_string()).collect();
        for receipts in self.series.values() {
            let mut last: (u32, Option<Hash>) = (0, None);
            for (nth, printed) in receipts {
                if *nth == last.0.saturating_add(1) && printed.before != last.1 {
                    self.wrong
                        .push(format!("receipt {}: it does not follow the one before", printed.receipt));
                }
                last = (*nth, Some(printed.hash));
            }
        }
        self.wrong.extend(missing);
        self.wrong
    }
}

/// Receipts of a series that are not there, though later ones are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub device: DeviceId,
    pub series: String,
    pub first: u32,
    pub last: u32,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { device, series, first, last } = self;
        write!(f, "receipts {series} of device {}: ", device.uuid().simple())?;
        if first == last {
            write!(f, "number {first} is missing")
        } else {
            write!(f, "numbers {first} to {last} are missing")
        }
    }
}
