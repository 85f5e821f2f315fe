//! A small company to tell stories of: a shop, two products, a customer, and the people who work there.

use waybill_shared::scope::Scopes;

use super::{Device, Server, Wire};

pub struct Company {
    pub server: Server,
    /// The admin's device; what a story needs beside the goods is set up from here.
    pub office: Device,
    program: &'static str,
}

impl Company {
    /// Oak chairs at 49.90 and tables at 189.00, tax of 19 percent included; the customer is Orion.
    pub fn opens(program: &'static str) -> Company {
        Self::opens_at(Server::start(program), program)
    }

    /// At this server, where nobody is yet.
    pub fn opens_at(server: Server, program: &'static str) -> Company {
        server.add_person("ana", "admin");
        let office = Device::signed_in(program, &server.url(), "ana");
        for line in [
            r#"settings create "Harbour Supplies" --zone Europe/Berlin --currency EUR --tax standard=19 --no-customer shop"#,
            r#"location create HS "Harbour shop""#,
            r#"product create "Oak chair" --number CHAIR"#,
            "product set-price CHAIR 49.90",
            r#"product create "Oak table" --number TABLE"#,
            "product set-price TABLE 189.00",
            "customer create Orion --number C-1 --city Kiel",
        ] {
            office.does(line);
        }
        office.syncs();
        Company { server, office, program }
    }

    /// Somebody new with a device of their own.
    pub fn hires(&self, name: &str, role: &str) -> Device {
        self.server.add_person(name, role);
        self.device_of(name)
    }

    /// Somebody new, whose device speaks to the server over this line.
    pub fn hires_over(&self, wire: &Wire, name: &str, role: &str) -> Device {
        self.server.add_person(name, role);
        Device::signed_in(self.program, &wire.url(), name)
    }

    /// Somebody new, whose device knows another server on the same database.
    pub fn hires_at(&self, other: &Server, name: &str, role: &str) -> Device {
        self.server.add_person(name, role);
        Device::signed_in(self.program, &other.url(), name)
    }

    /// One more device, on which somebody signs in who is here already.
    pub fn device_of(&self, name: &str) -> Device {
        Device::signed_in(self.program, &self.server.url(), name)
    }

    /// Everything is sent and here: the devices hold what the server holds, and the server is sound.
    pub fn settles(&self, devices: &[&Device]) {
        for _ in 0..2 {
            devices.iter().for_each(|device| device.syncs());
        }
        alike(&self.server, devices);
        self.server.is_sound();
    }
}

/// Every document has the same heads on the server and on each device that may see it.
pub fn alike(server: &Server, devices: &[&Device]) {
    let all = server.database().heads();
    for device in devices {
        let held = device.heads();
        let mut seen = all.clone();
        let scopes = device.scopes();
        seen.retain(|_, (held, _)| held.parse::<Scopes>().expect("scopes").meets(&scopes));
        assert_eq!(held, seen, "a device holds other documents than the server");
    }
}
