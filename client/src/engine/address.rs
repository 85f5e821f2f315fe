//! The server's address as a person gives it, and as the socket needs it; or those of several servers on one database,
//! with commas between them, of which one is talked to.

use waybill_shared::protocol::PATH;

/// `shop.example`, `http://10.0.0.5:8080`, `wss://shop.example/waybill`: all are understood. Without a
/// scheme it is encrypted, except for this machine itself.
pub fn socket(server: &str) -> Result<String, String> {
    let server = server.trim().trim_end_matches('/');
    let (scheme, rest) = match server.split_once("://") {
        Some(("ws" | "http", rest)) => ("ws", rest),
        Some(("wss" | "https", rest)) => ("wss", rest),
        Some((other, _)) => {
            return Err(format!("“{other}” is not a way to a server: write https://, or leave it out."));
        }
        None if is_here(server) => ("ws", server),
        None => ("wss", server),
    };
    if rest.is_empty() || rest.contains(char::is_whitespace) {
        return Err("Give the server's address, such as shop.example or http://10.0.0.5:8080.".to_owned());
    }
    let rest = rest.strip_suffix(PATH).unwrap_or(rest);
    Ok(format!("{scheme}://{rest}{PATH}"))
}

/// All of a list; an empty one is refused as an address is.
pub fn sockets(servers: &str) -> Result<Vec<String>, String> {
    let all: Vec<String> = list(servers).map(socket).collect::<Result<_, _>>()?;
    if all.is_empty() { Ok(vec![socket("")?]) } else { Ok(all) }
}

fn list(servers: &str) -> impl Iterator<Item = &str> {
    servers.split(',').map(str::trim).filter(|server| !server.is_empty())
}

/// Which of a list is talked to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn {
    at: usize,
    /// Since one of them last served.
    failed: usize,
}

impl Turn {
    /// As it was given.
    pub fn of(self, servers: &str) -> String {
        let all: Vec<&str> = list(servers).collect();
        all.get(self.at % all.len().max(1)).copied().unwrap_or(servers).to_owned()
    }

    pub fn nth(self) -> usize {
        self.at
    }

    /// This one serves: it is kept to.
    pub fn serves(&mut self, nth: usize) {
        *self = Self { at: nth, failed: 0 };
    }

    /// All of them may be tried again.
    pub fn begins(&mut self) {
        self.failed = 0;
    }

    /// This one does not serve, so the next is to be tried; `true`: it was not tried yet.
    pub fn fails(&mut self, servers: &str) -> bool {
        let all = list(servers).count().max(1);
        self.at = (self.at + 1) % all;
        self.failed = (self.failed + 1) % all;
        self.failed != 0
    }
}

fn is_here(server: &str) -> bool {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        for (given, expected) in [
            ("shop.example", Some("wss://shop.example/sync")),
            (" localhost:8080/ ", Some("ws://localhost:8080/sync")),
            ("http://10.0.0.5:8080", Some("ws://10.0.0.5:8080/sync")),
            ("wss://shop.example/waybill", Some("wss://shop.example/waybill/sync")),
            ("ws://127.0.0.1:9/sync", Some("ws://127.0.0.1:9/sync")),
            ("ftp://shop.example", None),
            ("", None),
        ] {
            assert_eq!(socket(given).ok().as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn lists_as_people_write_them() {
        for (given, expected) in [
            ("a.example", Some(vec!["wss://a.example/sync"])),
            ("a.example, http://b.example,", Some(vec!["wss://a.example/sync", "ws://b.example/sync"])),
            ("a.example,ftp://b.example", None),
            (" , ", None),
            ("", None),
        ] {
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(sockets(given).ok(), expected, "{given:?}");
        }
    }

    #[test]
    fn each_of_a_list_is_tried_before_a_longer_pause_and_the_one_that_serves_is_kept_to() {
        let mut turn = Turn::default();
        let mut tried = Vec::new();
        for _ in 0..6 {
            let address = turn.of("a, b, c");
            tried.push((address, turn.fails("a, b, c")));
        }
        let expected = [("a", true), ("b", true), ("c", false)].map(|(name, more)| (name.to_owned(), more));
        assert_eq!(tried, [expected.clone(), expected].concat());
        turn.serves(1);
        assert_eq!(turn.of("a, b, c"), "b");
        assert!(!Turn::default().fails("a"), "there is no other");
    }
}
