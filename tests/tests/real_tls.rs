//! Devices and a server that speak TLS: with an authority of the company's own, with certificates that are not right,
//! and with one that is renewed while everybody works.

use std::{fs, path::PathBuf, process::Command};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::TempDir;
use waybill_tests::real::{Device, Encrypted, Server, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// A company's own certificate authority, and the files that it makes.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    dir: TempDir,
    pem: PathBuf,
}

/// A certificate and its key, as PEM.
struct Issued {
    cert: String,
    key: String,
    der: Vec<u8>,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let pem = dir.path().join("authority.pem");
        fs::write(&pem, own.pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), dir, pem }
    }

    /// For these addresses, over these years.
    fn issues(&self, names: &[&str], from: i32, to: i32) -> Issued {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        Issued { cert: cert.pem(), key: key.serialize_pem(), der: cert.der().to_vec() }
    }

    fn issues_here(&self) -> Issued {
        self.issues(&["127.0.0.1", "localhost"], 2020, 2099)
    }

    fn files(&self) -> Encrypted {
        Encrypted { cert: self.dir.path().join("server.pem"), key: self.dir.path().join("server.key") }
    }

    /// Where the server looks for them.
    fn puts(&self, issued: &Issued) {
        let files = self.files();
        fs::write(files.cert, &issued.cert).unwrap();
        fs::write(files.key, &issued.key).unwrap();
    }

    fn server(&self) -> Server {
        self.puts(&self.issues_here());
        let server = Server::start_encrypted(DEMO, self.files());
        server.add_person("ana", "admin");
        server
    }

    fn device(&self, server: &Server) -> Device {
        let device = Device::new(DEMO);
        device.does(&format!("login {} ana --ca {}", server.url(), self.pem.display()));
        device
    }
}

fn words(device: &Device, line: &str) -> String {
    let refused = device.tries(line).unwrap_err();
    assert_eq!(refused.code, 4, "{refused:?}");
    refused.said["error"]["words"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_device_believes_the_companys_own_authority_and_remembers_it() {
    let authority = Authority::new("Harbour Supplies");
    let server = authority.server();
    let device = Device::new(DEMO);
    let said = words(&device, &format!("login {} ana", server.url()));
    assert!(said.contains("whom this device does not know") && said.contains("--ca FILE"), "{said}");
    let said = words(&device, &format!("login http://{} ana", server.address()));
    assert!(said.contains("write https://"), "{said}");

    let file = device.path().join("no.pem");
    fs::write(&file, "words").unwrap();
    let refused = device.tries(&format!("login {} ana --ca {}", server.url(), file.display())).unwrap_err();
    assert!(refused.code == 2 && refused.said.to_string().contains("holds no certificate"), "{refused:?}");
    device.does(&format!("login {} ana --ca {}", server.url(), authority.pem.display()));
    fs::remove_file(&authority.pem).unwrap();
    device
        .does(r#"settings create "Harbour Supplies" --zone Europe/Berlin --currency EUR --no-customer shop"#);
    device.does(r#"location create HS "Harbour shop""#);
    device.syncs();
    assert_eq!(server.database().number("select count(*) from report.locations"), 1);
    // Who signs in once more need not give it again, and may give it up.
    device.does(&format!("login {} ana", server.url()));
    let said = words(&device, &format!("login {} ana --public-ca", server.url()));
    assert!(said.contains("whom this device does not know"), "{said}");
    device.syncs();

    let plain = Server::start(DEMO);
    let said = words(&Device::new(DEMO), &format!("login https://{} ana", plain.address()));
    assert!(said.contains("does not speak TLS there"), "{said}");
}

#[test]
fn a_certificate_that_is_not_right_is_refused_with_what_to_do() {
    let authority = Authority::new("Harbour Supplies");
    let server = authority.server();
    let device = authority.device(&server);
    let other = Authority::new("Somebody else");
    for (issued, said) in [
        (
            authority.issues(&["127.0.0.1"], 2020, 2022),
            "ended on 2022-01-01. Your administrator has to renew it",
        ),
        (authority.issues(&["127.0.0.1"], 2090, 2099), "begins on 2090-01-01"),
        (
            authority.issues(&["shop.example", "10.0.0.5"], 2020, 2099),
            "is for shop.example, 10.0.0.5, not for 127.0.0.1. Give the address that it is for",
        ),
        (other.issues(&["127.0.0.1"], 2020, 2099), "whom this device does not know"),
    ] {
        authority.puts(&issued);
        server.hangs_up();
        until("it is shown", || (server.shows() == issued.der).then_some(()));
        let words = words(&device, "sync");
        assert!(words.contains(said), "{words}");
        // Nothing went there.
        assert_eq!(device.does("status")["status"]["link"], "offline");
    }
    authority.puts(&authority.issues_here());
    server.hangs_up();
    until("it is right again", || device.tries("sync").is_ok().then_some(()));
}

#[test]
fn a_certificate_is_renewed_while_connections_live_on_and_a_broken_one_leaves_the_old() {
    let authority = Authority::new("Harbour Supplies");
    let server = authority.server();
    let device = authority.device(&server);
    let _open = device.watches();
    let connected = || server.figures().contains("waybill_connections 1");
    let status = || device.does("status")["status"].clone();
    let since = || status()["last_contact"].clone();
    until("the device is connected", || (status()["link"] == "live" && connected()).then_some(()));
    let first = since();

    // Nobody says so: the server looks by itself.
    let renewed = authority.issues_here();
    authority.puts(&renewed);
    until("the new one is shown", || (server.shows() == renewed.der).then_some(()));
    until("it is counted", || server.figures().contains("waybill_tls_renewed_total 1").then_some(()));

    let files = authority.files();
    let torn = &renewed.cert[..renewed.cert.len() / 2];
    let stranger = authority.issues_here();
    for (cert, key, said) in [
        (torn, &renewed.key, "holds no certificate that reads"),
        (&renewed.cert, &"words".to_owned(), "holds no private key that reads"),
        (&stranger.cert, &renewed.key, "is not that of the certificate"),
    ] {
        fs::write(&files.cert, cert).unwrap();
        fs::write(&files.key, key).unwrap();
        until("it is told", || server.log().contains(said).then_some(()));
        assert!(server.figures().contains("waybill_tls_not_renewed 1"), "{}", server.figures());
        let (code, ready) = server.ready();
        assert!(
            code == 200 && ready.contains("the certificate was not renewed") && ready.contains(said),
            "{ready}"
        );
        assert_eq!(server.shows(), renewed.der, "the old one is shown on");
    }
    let last = authority.issues_here();
    authority.puts(&last);
    server.hangs_up();
    until("it is put right", || (server.shows() == last.der).then_some(()));
    until("all is well", || server.figures().contains("waybill_tls_not_renewed 0").then_some(()));
    assert_eq!(server.ready(), (200, "ready\n".to_owned()));
    assert!(connected(), "the device has been connected all the time");
    assert_eq!(since(), first, "on one connection");
}

#[test]
fn whoever_starts_a_server_hears_of_its_certificate_with_all_the_other_mistakes() {
    let dir = tempfile::tempdir().unwrap();
    let line =
        ["server", "serve", "--tls-cert", "gone.pem", "--tls-key", "gone.key", "--shutdown-grace", "soon"];
    let output = Command::new(DEMO).args(line).arg("--data-dir").arg(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("2 settings must be put right"), "{said}");
    assert!(
        said.contains(r#"tls_cert = "gone.pem" cannot be read"#) && said.contains("shutdown_grace"),
        "{said}"
    );
    // Who only looks into the database does not need it.
    let line = ["server", "numbers", "show", "--tls-cert", "gone.pem", "--tls-key", "gone.key"];
    let output = Command::new(DEMO).args(line).arg("--data-dir").arg(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no Waybill in") && !said.contains("tls_cert"), "{said}");
}
