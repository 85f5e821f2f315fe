//! Which issuers of servers' certificates are believed, and what a person hears of one that is not.

use std::{io, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, InvalidMessage, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::{Connector, tungstenite::Error};
use waybill_shared::time::Timestamp;

/// What a sign-in says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Those that this device believes already; at first the public ones.
    #[default]
    AsBefore,
    Public,
    /// Only the company's own, as PEM.
    Own(String),
}

impl Trust {
    /// The company's own, if they are believed from now on.
    pub fn own(&self, before: Option<&str>) -> Option<String> {
        match self {
            Self::AsBefore => before.map(str::to_owned),
            Self::Public => None,
            Self::Own(pem) => Some(pem.clone()),
        }
    }
}

/// `None`: the public ones are believed.
pub fn connector(own: Option<&str>) -> Result<Option<Connector>, String> {
    let Some(pem) = own else { return Ok(None) };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let added =
            certificate.map_err(|_| ()).and_then(|certificate| roots.add(certificate).map_err(|_| ()));
        added.map_err(|()| NO_CERTIFICATE.to_owned())?;
    }
    if roots.is_empty() {
        return Err(NO_CERTIFICATE.to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("Encryption cannot be set up here: {error}."))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Connector::Rustls(Arc::new(config))))
}

const NO_CERTIFICATE: &str = "The file of your company's certificate authority holds no certificate that reads. Give \
    the PEM file that begins with BEGIN CERTIFICATE.";

/// Why a connection could not be made, if it is for the certificate or for TLS.
pub fn words(error: &Error) -> Option<String> {
    let error = match error {
        Error::Io(error) => error.get_ref()?.downcast_ref::<rustls::Error>()?,
        Error::Tls(_) => {
            let words = "The server's address is no name that a certificate can be for. Look at it again.";
            return Some(words.to_owned());
        }
        _ => return None,
    };
    Some(match error {
        rustls::Error::InvalidCertificate(error) => of_certificate(error),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "The server does not speak TLS there. If it is meant to be reached without, write http:// in its address."
                .to_owned()
        }
        other => format!("The server and this device cannot agree on how to encrypt: {other}."),
    })
}

fn of_certificate(error: &CertificateError) -> String {
    let day = |time: &rustls::pki_types::UnixTime| {
        let ms = i64::try_from(time.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000);
        Timestamp::from_unix_ms(ms).utc().format("%Y-%m-%d")
    };
    match error {
        CertificateError::UnknownIssuer => "The server's certificate comes from somebody whom this device does not \
            know. If your company issues certificates itself, sign in with the file of its authority (waybill login \
            --ca FILE); if not, somebody may be in between: ask your administrator."
            .to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "The server's certificate ended on {}. Your administrator has to renew it; if that day is not over, set \
             this device's clock right.",
            day(not_after)
        ),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "The server's certificate begins on {}. If that day has come, set this device's clock right.",
            day(not_before)
        ),
        CertificateError::NotValidForNameContext { expected, presented } => format!(
            "The server's certificate is for {}, not for {}. Give the address that it is for, or ask your \
             administrator for a certificate with this one.",
            names(presented),
            expected.to_str()
        ),
        other => format!("The server's certificate is not right: {other}. Ask your administrator."),
    }
}

/// As `DnsName("shop.example")` and `IpAddress(10.0.0.5)`, which people need not read.
fn names(presented: &[String]) -> String {
    let plain = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        inner.unwrap_or(name).trim_matches('"').to_owned()
    };
    match presented {
        [] => "no address at all".to_owned(),
        names => names.iter().map(plain).collect::<Vec<_>>().join(", "),
    }
}

/// What is given at sign-in is looked at there, before anything is sent.
pub fn read(file: &Path) -> io::Result<Trust> {
    let pem = std::fs::read_to_string(file)?;
    match connector(Some(&pem)) {
        Ok(_) => Ok(Trust::Own(pem)),
        Err(words) => Err(io::Error::other(words)),
    }
}
