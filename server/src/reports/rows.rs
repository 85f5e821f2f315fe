//! All report rows of one document, or of several: compared, written and read table by table.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::kind::{DocAddr, DocKind};

use super::{
    table::{self, Row},
    tables::{CustomerRow, LineRow, LocationRow, OrderRow, PaymentRow, ProductRow, RevenueRow},
};
use crate::joint::Joint;

/// What one document's rows were, and what they are now.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsChange {
    pub addr: DocAddr,
    pub before: Arc<Rows>,
    pub after: Arc<Rows>,
}

/// One row that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// The document or held edit that the row is of.
    pub document: Uuid,
    pub how: How,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    Missing,
    TooMuch,
    /// In these columns.
    Other(Vec<&'static str>),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, document) = (self.table, self.document.simple());
        match &self.how {
            How::Missing => write!(f, "{table}: a row of {document} is missing"),
            How::TooMuch => write!(f, "{table}: a row of {document} should not be there"),
            How::Other(columns) => {
                write!(f, "{table}: a row of {document} is wrong in {}", columns.join(", "))
            }
        }
    }
}

macro_rules! all_tables {
    ($($field:ident: $row:ident of $kind:ident)*) => {
        /// All rows that a document has in the report tables, each list in the order of its key.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Rows { $(pub $field: Vec<$row>,)* }

        impl Rows {
            /// What stands in the tables for these documents of one kind.
            pub async fn read(
                conn: &mut PgConnection,
                kind: DocKind,
                documents: &[Uuid],
            ) -> Result<Self, sqlx::Error> {
                let mut rows = Self::default();
                $(if kind == DocKind::$kind {
                    rows.$field = table::read(&mut *conn, documents).await?;
                })*
                Ok(rows)
            }

            /// The documents that have rows of any kind.
            pub async fn documents(
                conn: &mut PgConnection,
            ) -> Result<BTreeSet<(DocKind, Uuid)>, sqlx::Error> {
                let mut documents = BTreeSet::new();
                $(
                    let here = table::documents::<$row>(&mut *conn).await?;
                    documents.extend(here.into_iter().map(|id| (DocKind::$kind, id)));
                )*
                Ok(documents)
            }

            /// In the order of their keys, if documents come in theirs.
            pub fn extend(&mut self, other: Self) {
                $(self.$field.extend(other.$field);)*
            }

            pub fn len(&self) -> usize {
                0 $(+ self.$field.len())*
            }

            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// What is wrong with `stored` where these are right.
            pub fn differences(&self, stored: &Self) -> Vec<Difference> {
                let mut differences = Vec::new();
                $(differences.extend(self::differences(&stored.$field, &self.$field));)*
                differences
            }
        }

        /// Brings the report tables from `before` to `after` of every change, in the caller's transaction and
        /// together with what `joint` holds already: writes what differs and nothing else. Several changes of
        /// one document count as one.
        pub async fn write(
            conn: &mut PgConnection,
            changes: &[RowsChange],
            mut joint: Joint,
        ) -> Result<(), sqlx::Error> {
            let mut documents: BTreeMap<DocAddr, (&Rows, &Rows)> = BTreeMap::new();
            for change in changes {
                let entry = documents.entry(change.addr).or_insert((&change.before, &change.after));
                entry.1 = &change.after;
            }
            $(
                let (mut put, mut gone) = (Vec::<&$row>::new(), Vec::<&$row>::new());
                for (before, after) in documents.values() {
                    compare(&before.$field, &after.$field, |was, is| match (was, is) {
                        (_, Some(row)) => put.push(row),
                        (Some(row), None) => gone.push(row),
                        (None, None) => {}
                    });
                }
                if !gone.is_empty() {
                    $row::delete(&gone).execute(&mut *conn).await?;
                }
                $row::upsert(&put, &mut joint);
            )*
            joint.write(conn).await
        }
    };
}

all_tables! {
    orders: OrderRow of Order
    lines: LineRow of Order
    payments: PaymentRow of Order
    revenue: RevenueRow of Order
    products: ProductRow of Product
    customers: CustomerRow of Customer
    locations: LocationRow of Location
}

/// What is wrong with the rows of one table where `right` are right.
pub(super) fn differences<R: Row>(stored: &[R], right: &[R]) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(stored, right, |was, is| {
        let (row, how) = match (was, is) {
            (Some(row), None) => (row, How::TooMuch),
            (None, Some(row)) => (row, How::Missing),
            (Some(was), Some(is)) => (is, How::Other(is.differing(was))),
            (None, None) => return,
        };
        differences.push(Difference { table: R::TABLE, document: row.document(), how });
    });
    differences
}

/// Hands over every pair that is not equal. Both lists in the order of their keys.
fn compare<'a, R: Row>(
    before: &'a [R],
    after: &'a [R],
    mut differs: impl FnMut(Option<&'a R>, Option<&'a R>),
) {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(was), Some(is)) => was.key().cmp(&is.key()),
        };
        match order {
            Ordering::Less => differs(before.next(), None),
            Ordering::Greater => differs(None, after.next()),
            Ordering::Equal => {
                let (was, is) = (before.next(), after.next());
                if was != is {
                    differs(was, is);
                }
            }
        }
    }
}
