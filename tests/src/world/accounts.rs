//! People and devices as the server knows them: who is enrolled where, with which roles.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use waybill_shared::{
    id::{DeviceId, LocationId, PersonId},
    protocol::frame::{DeviceName, Grant, Names, PersonName},
    rules::roles::Role,
    scope::Scopes,
    session::who::Withdrawn,
};

#[derive(Default)]
pub struct Accounts {
    people: BTreeMap<PersonId, Person>,
    devices: BTreeMap<DeviceId, (String, Vec<PersonId>)>,
    /// Whose access was withdrawn.
    dismissed: BTreeSet<PersonId>,
    shut_out: BTreeSet<DeviceId>,
    /// Who worked on a device and does not any more.
    signed_out: BTreeSet<(DeviceId, PersonId)>,
    version: u64,
}

struct Person {
    name: String,
    roles: Vec<Role>,
    locations: Vec<LocationId>,
}

/// Where everybody works who was not sent elsewhere.
pub const PLACE: LocationId = LocationId::new(Uuid::from_u128(0x10ca_0000));

/// Another shop.
pub const ELSEWHERE: LocationId = LocationId::new(Uuid::from_u128(0x10ca_0001));

/// What a device shows to be known; here simply its id.
pub fn token(device: DeviceId) -> Vec<u8> {
    Uuid::from(device).as_bytes().to_vec()
}

impl Accounts {
    pub fn add_person(&mut self, name: &str, roles: &[Role]) -> PersonId {
        let id = PersonId::new(Uuid::from_u128(0x9e50_0000_0000 + self.people.len() as u128 + 1));
        let person = Person { name: name.to_owned(), roles: roles.to_vec(), locations: vec![PLACE] };
        self.people.insert(id, person);
        self.version += 1;
        id
    }

    pub fn knows(&self, person: PersonId) -> bool {
        self.people.contains_key(&person)
    }

    pub fn add_device(&mut self, code: &str) -> DeviceId {
        let id = DeviceId::new(Uuid::from_u128(0xde71_0000_0000 + self.devices.len() as u128 + 1));
        self.devices.insert(id, (code.to_owned(), Vec::new()));
        self.version += 1;
        id
    }

    pub fn enrol(&mut self, person: PersonId, device: DeviceId) {
        if let Some((_, here)) = self.devices.get_mut(&device)
            && !here.contains(&person)
        {
            here.push(person);
            self.version += 1;
        }
    }

    pub fn set_roles(&mut self, person: PersonId, roles: &[Role]) {
        if let Some(held) = self.people.get_mut(&person) {
            held.roles = roles.to_vec();
            self.version += 1;
        }
    }

    pub fn set_locations(&mut self, person: PersonId, locations: &[LocationId]) {
        if let Some(held) = self.people.get_mut(&person) {
            held.locations = locations.to_vec();
            self.version += 1;
        }
    }

    /// The person is signed out of the device; others on it stay.
    pub fn sign_out(&mut self, person: PersonId, device: DeviceId) {
        if let Some((_, here)) = self.devices.get_mut(&device) {
            here.retain(|held| *held != person);
            self.signed_out.insert((device, person));
            self.version += 1;
        }
    }

    pub fn dismiss(&mut self, person: PersonId) {
        self.dismissed.insert(person);
        self.version += 1;
    }

    pub fn shut_out(&mut self, device: DeviceId) {
        self.shut_out.insert(device);
        self.version += 1;
    }

    pub fn former(&self, device: DeviceId) -> Vec<PersonId> {
        let here = self.devices.get(&device).map_or(&[][..], |(_, here)| here.as_slice());
        let dismissed = here.iter().copied().filter(|person| self.dismissed.contains(person));
        let of_it = self.signed_out.iter().filter(|(from, person)| *from == device && !here.contains(person));
        dismissed.chain(of_it.map(|(_, person)| *person)).collect()
    }

    pub fn only_push(&self, device: DeviceId) -> Option<Withdrawn> {
        if self.shut_out.contains(&device) {
            return Some(Withdrawn::Device);
        }
        self.here(device).is_empty().then_some(Withdrawn::Person)
    }

    pub fn device_of(&self, token_bytes: &[u8]) -> Option<DeviceId> {
        self.devices.keys().copied().find(|device| token(*device) == token_bytes)
    }

    pub fn code(&self, device: DeviceId) -> &str {
        self.devices.get(&device).map_or("", |(code, _)| code)
    }

    pub fn roles(&self, person: PersonId) -> &[Role] {
        self.people.get(&person).map_or(&[], |person| &person.roles)
    }

    pub fn name(&self, person: PersonId) -> &str {
        self.people.get(&person).map_or("somebody", |person| &person.name)
    }

    pub fn here(&self, device: DeviceId) -> Vec<Grant> {
        let Some((_, here)) = self.devices.get(&device) else { return Vec::new() };
        here.iter()
            .filter(|person| !self.dismissed.contains(person))
            .map(|person| Grant {
                person: *person,
                roles: self.roles(*person).to_vec(),
                locations: self.locations(*person).to_vec(),
                unlocked: None,
            })
            .collect()
    }

    pub fn locations(&self, person: PersonId) -> &[LocationId] {
        self.people.get(&person).map_or(&[], |person| &person.locations)
    }

    pub fn scopes(&self, device: DeviceId) -> Scopes {
        Scopes::held_by(&self.here(device))
    }

    pub fn names(&self, device: DeviceId) -> Names {
        let people = self.people.iter();
        let devices = self.devices.iter();
        Names {
            version: self.version,
            since: 0,
            people: people
                .map(|(id, person)| PersonName {
                    id: *id,
                    name: person.name.clone(),
                    roles: person.roles.clone(),
                })
                .collect(),
            devices: devices
                .map(|(id, (code, _))| DeviceName { id: *id, code: code.clone(), name: code.clone() })
                .collect(),
            here: self.here(device),
            encrypt: false,
        }
    }
}
