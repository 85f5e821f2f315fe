//! Several statements that write to different tables, sent as one: on a busy machine each round trip waits for a
//! processor twice, which costs more than most of the statements do.

use sqlx::{
    Arguments, AssertSqlSafe, Encode, PgConnection, Postgres, Type, error::BoxDynError, postgres::PgArguments,
};

#[derive(Default)]
pub struct Joint {
    statements: Vec<String>,
    arguments: PgArguments,
    failed: Option<BoxDynError>,
}

impl Joint {
    /// One more statement, whose arguments are bound next; it numbers them from 1. No two may write to the same
    /// row, nor does one see what another wrote.
    pub fn add(&mut self, sql: &str) -> &mut Self {
        let before = self.arguments.len();
        self.statements.push(shifted(sql, before));
        self
    }

    pub fn bind<'q, T: Encode<'q, Postgres> + Type<Postgres>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
        self
    }

    /// Sends them, if there are any.
    pub async fn write(self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error));
        }
        let Some((last, others)) = self.statements.split_last() else { return Ok(()) };
        let others: Vec<String> =
            others.iter().enumerate().map(|(nth, sql)| format!("w{nth} as ({sql})")).collect();
        let with = if others.is_empty() { String::new() } else { format!("with {}\n", others.join(",\n")) };
        sqlx::query_with(AssertSqlSafe(format!("{with}{last}")), self.arguments).execute(conn).await?;
        Ok(())
    }
}

/// With every `$n` counted from behind the arguments that are there already.
fn shifted(sql: &str, by: usize) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut pieces = sql.split('$');
    out.extend(pieces.next());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        let number = number.parse::<usize>().map_or_else(|_| number.to_owned(), |n| (n + by).to_string());
        out.push('$');
        out.push_str(&number);
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shifted;

    #[test]
    fn placeholders_are_counted_on() {
        let sql = "insert into a select * from unnest($1::uuid[], $2::text[]) where b = $10 or c = '$'";
        let counted = "insert into a select * from unnest($8::uuid[], $9::text[]) where b = $17 or c = '$'";
        assert_eq!(shifted(sql, 7), counted);
        assert_eq!(shifted(sql, 0), sql);
    }
}
