//! One definition per report table: the row's struct, its statements, reading it back.

use sqlx::{AssertSqlSafe, PgConnection, Postgres, postgres::PgArguments, postgres::PgRow, query::Query};
use uuid::Uuid;

use crate::joint::Joint;

pub type Bound = Query<'static, Postgres, PgArguments>;

/// A row of a report table. The first column of its key is the document it comes from.
pub trait Row: Clone + PartialEq + Sized {
    type Key: Ord;
    const TABLE: &'static str;
    /// Name and array type of each column: first those of the key, then the others.
    const KEY: &'static [(&'static str, &'static str)];
    const REST: &'static [(&'static str, &'static str)];

    fn key(&self) -> Self::Key;
    fn document(&self) -> Uuid;
    /// The names of the columns in which they differ.
    fn differing(&self, other: &Self) -> Vec<&'static str>;
    fn upsert(rows: &[&Self], joint: &mut Joint);
    fn delete(rows: &[&Self]) -> Bound;
    fn select(documents: &[Uuid]) -> Bound;
    fn read(row: &PgRow) -> Result<Self, sqlx::Error>;
}

/// The rows of these documents, in the order of their keys.
pub async fn read<R: Row>(conn: &mut PgConnection, documents: &[Uuid]) -> Result<Vec<R>, sqlx::Error> {
    let rows = R::select(documents).fetch_all(conn).await?;
    let mut rows = rows.iter().map(R::read).collect::<Result<Vec<R>, _>>()?;
    rows.sort_by_key(R::key);
    Ok(rows)
}

/// The documents that have rows here.
pub async fn documents<R: Row>(conn: &mut PgConnection) -> Result<Vec<Uuid>, sqlx::Error> {
    let document = R::KEY.first().map(|(name, _)| *name).unwrap_or_default();
    let sql = format!("select distinct {document} from {}", R::TABLE);
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await
}

pub fn upsert_sql<R: Row>() -> String {
    let names: Vec<_> = R::KEY.iter().chain(R::REST).map(|(name, _)| *name).collect();
    let key: Vec<_> = R::KEY.iter().map(|(name, _)| *name).collect();
    let set: Vec<_> = R::REST.iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
    format!(
        "insert into {} ({}) select * from unnest({}) on conflict ({}) do update set {}",
        R::TABLE,
        names.join(", "),
        arrays(R::KEY.iter().chain(R::REST)),
        key.join(", "),
        set.join(", "),
    )
}

pub fn delete_sql<R: Row>() -> String {
    let key: Vec<_> = R::KEY.iter().map(|(name, _)| *name).collect();
    let equal: Vec<_> = key.iter().map(|name| format!("t.{name} = gone.{name}")).collect();
    format!(
        "delete from {} t using unnest({}) as gone ({}) where {}",
        R::TABLE,
        arrays(R::KEY.iter()),
        key.join(", "),
        equal.join(" and "),
    )
}

pub fn select_sql<R: Row>() -> String {
    let names: Vec<_> = R::KEY.iter().chain(R::REST).map(|(name, _)| *name).collect();
    let document = names.first().copied().unwrap_or_default();
    format!("select {} from {} where {document} = any($1)", names.join(", "), R::TABLE)
}

fn arrays<'a>(columns: impl Iterator<Item = &'a (&'static str, &'static str)>) -> String {
    let arrays: Vec<_> = columns.enumerate().map(|(i, (_, array))| format!("${}::{array}", i + 1)).collect();
    arrays.join(", ")
}

macro_rules! table {
    (
        $(#[$doc:meta])*
        $row:ident in $table:literal by ($first:ident: Uuid $(, $key:ident: $key_type:ty)*) {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row {
            pub $first: Uuid,
            $(pub $key: $key_type,)*
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::reports::table::Row for $row {
            type Key = (Uuid, $($key_type,)*);
            const TABLE: &'static str = $table;
            const KEY: &'static [(&'static str, &'static str)] =
                &[
                    (stringify!($first), <Uuid as $crate::reports::column::Column>::ARRAY),
                    $((stringify!($key), <$key_type as $crate::reports::column::Column>::ARRAY),)*
                ];
            const REST: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), <$type as $crate::reports::column::Column>::ARRAY)),+];

            fn key(&self) -> Self::Key {
                (self.$first, $(self.$key.clone(),)*)
            }

            fn document(&self) -> Uuid {
                self.$first
            }

            fn differing(&self, other: &Self) -> Vec<&'static str> {
                let mut differing = Vec::new();
                $(if self.$field != other.$field { differing.push(stringify!($field)); })+
                differing
            }

            fn upsert(rows: &[&Self], joint: &mut $crate::joint::Joint) {
                use $crate::reports::column::Column;
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new($crate::reports::table::upsert_sql::<$row>);
                joint
                    .add(SQL.as_str())
                    .bind(rows.iter().map(|row| row.$first).collect::<Vec<_>>())
                    $(.bind(rows.iter().map(|row| row.$key.to_db()).collect::<Vec<_>>()))*
                    $(.bind(rows.iter().map(|row| row.$field.to_db()).collect::<Vec<_>>()))+;
            }

            fn delete(rows: &[&Self]) -> $crate::reports::table::Bound {
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new($crate::reports::table::delete_sql::<$row>);
                sqlx::query(SQL.as_str())
                    .bind(rows.iter().map(|row| row.$first).collect::<Vec<_>>())
                    $(.bind(rows.iter().map(|row| $crate::reports::column::Column::to_db(&row.$key)).collect::<Vec<_>>()))*
            }

            fn select(documents: &[uuid::Uuid]) -> $crate::reports::table::Bound {
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new($crate::reports::table::select_sql::<$row>);
                sqlx::query(SQL.as_str()).bind(documents.to_vec())
            }

            fn read(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                use $crate::reports::column::Column;
                Ok(Self {
                    $first: row.try_get(stringify!($first))?,
                    $($key: Column::from_db(
                        row.try_get::<<$key_type as Column>::Db, _>(stringify!($key))?,
                    ),)*
                    $($field: Column::from_db(
                        row.try_get::<<$type as Column>::Db, _>(stringify!($field))?,
                    ),)+
                })
            }
        }
    };
}
pub(super) use table;
