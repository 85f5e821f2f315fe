//! TLS for devices: the certificate with its key, read again when it was renewed. Connections that are open live on.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(5);

/// Where certificate and key are, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{name} = {file:?} cannot be read ({source}); give a file that this user may read")]
    Unreadable { name: &'static str, file: PathBuf, source: io::Error },
    #[error(
        "tls_cert = {0:?} holds no certificate that reads; give a PEM file, the server's certificate first and those \
         of its issuers behind it"
    )]
    NoCertificate(PathBuf),
    #[error(
        "tls_key = {0:?} holds no private key that reads; give a PEM file with the key, without a passphrase"
    )]
    NoKey(PathBuf),
    #[error("the key in {key:?} is not that of the certificate in {cert:?}; give those that belong together")]
    NotAPair { cert: PathBuf, key: PathBuf },
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// Both files as they were read.
#[derive(Clone, PartialEq, Eq)]
struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    /// Whether they serve as they are now.
    pub fn check(&self) -> Result<(), TlsError> {
        self.pair(&self.read()?).map(drop)
    }

    fn read(&self) -> Result<Contents, TlsError> {
        let read = |name, file: &Path| {
            std::fs::read(file).map_err(|source| TlsError::Unreadable { name, file: file.to_owned(), source })
        };
        Ok(Contents { cert: read("tls_cert", &self.cert)?, key: read("tls_key", &self.key)? })
    }

    fn pair(&self, contents: &Contents) -> Result<CertifiedKey, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&contents.cert).collect();
        let chain = chain.ok().filter(|chain: &Vec<CertificateDer<'static>>| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(self.cert.clone()))?;
        let no_key = || TlsError::NoKey(self.key.clone());
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|_| no_key())?;
        CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::NotAPair { cert: self.cert.clone(), key: self.key.clone() }
            }
            rustls::Error::InvalidCertificate(_) => TlsError::NoCertificate(self.cert.clone()),
            _ => no_key(),
        })
    }
}

/// What new connections are shown.
pub struct Certificates {
    files: Files,
    shown: RwLock<Shown>,
    /// What was last read, be it good or not.
    seen: Mutex<Option<Contents>>,
    /// Why what stands in the files now is not shown.
    trouble: Mutex<Option<String>>,
}

struct Shown {
    contents: Contents,
    pair: Arc<CertifiedKey>,
}

impl Certificates {
    pub fn open(files: Files) -> Result<Arc<Self>, TlsError> {
        let contents = files.read()?;
        let pair = Arc::new(files.pair(&contents)?);
        metrics::gauge!("waybill_tls_not_renewed").set(0.0);
        Ok(Arc::new(Self {
            files,
            shown: RwLock::new(Shown { contents, pair }),
            seen: Mutex::default(),
            trouble: Mutex::default(),
        }))
    }

    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks now and then, and when it is asked to, until it is stopped.
    pub async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut asked = Asked::new();
        loop {
            let now = tokio::select! {
                () = stop.cancelled() => return,
                () = asked.next() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let this = Arc::clone(&self);
            if let Err(error) = tokio::task::spawn_blocking(move || this.look(now)).await {
                tracing::error!(%error, "the certificate could not be looked at");
            }
        }
    }

    /// A certificate that was written before its key is no trouble yet: only what stays as it is, or what somebody
    /// asked to be read.
    fn look(&self, asked: bool) {
        let read = self.files.read();
        let contents = read.as_ref().ok().cloned();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stays = *seen == contents;
        seen.clone_from(&contents);
        drop(seen);
        if contents.is_some_and(|contents| contents == self.shown().contents) {
            return self.say(None);
        }
        match read.and_then(|contents| Ok((self.files.pair(&contents)?, contents))) {
            Ok((pair, contents)) => self.show(Shown { contents, pair: Arc::new(pair) }),
            Err(error) if stays || asked => self.keep(&error),
            Err(_) => {}
        }
    }

    fn shown(&self) -> RwLockReadGuard<'_, Shown> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, new: Shown) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = new;
        self.say(None);
        metrics::counter!("waybill_tls_renewed_total").increment(1);
        tracing::info!(file = ?self.files.cert, "the certificate was renewed");
    }

    fn keep(&self, error: &TlsError) {
        let words = error.to_string();
        if self.trouble().as_ref() != Some(&words) {
            tracing::error!(error = %words, "the certificate was not renewed: the one before it is shown on");
        }
        self.say(Some(words));
    }

    fn say(&self, words: Option<String>) {
        metrics::gauge!("waybill_tls_not_renewed").set(if words.is_some() { 1.0 } else { 0.0 });
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown().pair))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificates of {:?}", self.files.cert)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// SIGHUP, where there are signals.
struct Asked {
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Asked {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self { hangup: signal(SignalKind::hangup()).ok() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        match &mut self.hangup {
            Some(hangup) => drop(hangup.recv().await),
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending().await
    }
}
