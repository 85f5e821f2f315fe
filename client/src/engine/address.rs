//! The server's address as a person gives it, and as the socket needs it.

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
}
