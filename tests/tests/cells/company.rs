//! A server, everybody's device, and at a second device of each a program that sends whatever it is told to.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use tokio::task::block_in_place;
use uuid::Uuid;
use waybill_server::{
    accounts::{self, NewPerson},
    check,
    log::Log,
};
use waybill_shared::{
    edit::Verdict,
    id::{PersonId, SettingsId},
    location,
    money::Currency,
    settings,
};
use waybill_tests::{
    peer::Peer,
    scribe::Page,
    serving::{PASSWORD, Serving},
};

use super::{
    deeds::{Deed, Where},
    disk::Disk,
    scene::{Scene, known},
    staff::{AUTHORS, DRIVERS, PLACES, Post, all},
};

/// A disk that is wrong is waited for so long.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Company {
    serving: Serving,
    people: BTreeMap<&'static str, PersonId>,
    peers: BTreeMap<&'static str, Peer>,
    disks: Vec<Disk>,
    settings: Page,
    /// The words of all that each disk's people may see.
    may_hold: Vec<BTreeSet<String>>,
    scenes: u64,
}

impl Company {
    pub async fn founded() -> Self {
        let serving = Serving::start().await.unwrap();
        let mut people = BTreeMap::new();
        let admin = &AUTHORS[0];
        people.insert(admin.name, hired(&serving, admin, false).await);
        let mut boss = Peer::sign_in(&serving.socket(), admin.name, 1).await.unwrap();
        let mut page = Page::blank(SettingsId::ONLY);
        let create = settings::Create {
            company: "Oak & Ash".to_owned(),
            zone: chrono_tz::UTC,
            currency: Currency::EUR,
            tax_classes: BTreeMap::new(),
            no_customer: BTreeMap::from([("telephone".to_owned(), true)]),
        };
        boss.does(&mut page, create).await.unwrap();
        for (place, code) in PLACES.into_iter().zip(["P1", "P2"]) {
            let create = location::Create {
                code: code.to_owned(),
                name: format!("Place {code}"),
                kind: location::LocationKind::Shop,
                address: Default::default(),
            };
            boss.does(&mut Page::blank(place), create).await.unwrap();
        }
        let mut peers = BTreeMap::from([(admin.name, boss)]);
        for (post, seed) in all().zip(1..).skip(1) {
            people.insert(post.name, hired(&serving, post, true).await);
            if AUTHORS.contains(post) {
                peers.insert(post.name, Peer::sign_in(&serving.socket(), post.name, seed).await.unwrap());
            }
        }
        let url = serving.url();
        let disks: Vec<Disk> = block_in_place(|| all().map(|post| Disk::signed_in(post, &url)).collect());
        let may_hold = disks.iter().map(|_| BTreeSet::new()).collect();
        Self { serving, people, peers, disks, settings: page, may_hold, scenes: 0 }
    }

    /// One command by every author, on what is at their place and on what is not. What it is run on is made by the
    /// admin; it is run by a program that asks nobody, and that then asks for the document by its address.
    pub async fn plays(&mut self, deed: &Deed) -> Vec<Played> {
        let mut scenes: Vec<(&'static Post, Where, Scene)> = Vec::new();
        let mut making = Vec::new();
        let admin = self.peers.get_mut(AUTHORS[0].name).unwrap();
        for author in AUTHORS {
            for place in deed.places() {
                self.scenes += 1;
                let drivers = DRIVERS.map(|name| self.people[name]);
                let (mut scene, made) = Scene::of(deed, self.scenes, author, *place, drivers);
                if let Some((mut page, command)) = scene.makes_beside() {
                    making.push(admin.scribe.edit(&mut page, command));
                }
                making.extend(made.into_iter().map(|command| admin.scribe.edit(&mut scene.page, command)));
                scenes.push((author, *place, scene));
            }
        }
        if !making.is_empty() {
            let said = admin.sends_all(making).await.unwrap();
            assert!(
                said.iter().all(|(verdict, _)| *verdict == Verdict::Accepted),
                "{}: {said:?}",
                deed.command
            );
        }
        let mut played = Vec::new();
        for (author, place, scene) in scenes {
            let peer = self.peers.get_mut(author.name).unwrap();
            let mut page = if deed.is_on_settings() { self.settings.clone() } else { scene.page.clone() };
            let edit = peer.scribe.edit(&mut page, (deed.act)(&scene));
            let said = peer.sends(edit).await;
            let (verdict, changes) = said.unwrap_or_else(|error| {
                panic!("{} by {}, {place:?}: {error}", deed.command, author.role.words())
            });
            let shown = !peer.fetches(vec![scene.page.addr]).await.unwrap().is_empty();
            if deed.is_on_settings() && verdict.stands() {
                self.settings = page;
            }
            played.push(Played { author, place, scene, verdict, came: !changes.is_empty(), shown });
        }
        played
    }

    /// Looks at everybody's disk, once it has all that the server has. The words on a disk are those of everything its people may see, since the
    /// first command, and no other.
    pub async fn looks_at_disks(&mut self, played: &[Played]) -> Vec<String> {
        let log = &self.serving.server.app().hub.log;
        let head = log.head().await.unwrap().cursor.pos;
        let addrs: Vec<_> = played.iter().map(|cell| cell.scene.page.addr).collect();
        let docs = log.load(&addrs, &[]).await.unwrap().docs;
        let there: BTreeMap<_, _> = docs.into_iter().map(|doc| (doc.addr, doc.heads)).collect();
        let mut wrong = Vec::new();
        for (disk, may_hold) in self.disks.iter().zip(&mut self.may_hold) {
            let who = disk.post.name;
            assert!(
                soon(|| disk.stands_at().is_some_and(|at| at >= head)).await,
                "{who} hears nothing any more"
            );
            for cell in played {
                let stands = cell.verdict.stands();
                let Scene { page, words, news, .. } = &cell.scene;
                let sees = cell.scene.sight(stands).is_some_and(|sight| sight.meets(disk.post));
                let (held, there) = (disk.heads(page.addr), there.get(&page.addr).filter(|_| sees));
                if held.as_ref() != there {
                    wrong.push(format!("{}: {who}'s disk has {held:?} and not {there:?}", cell.words()));
                }
                if cell.scene.loses_words && stands {
                    may_hold.remove(&known(words));
                } else if sees && cell.scene.has_words {
                    may_hold.insert(known(words));
                }
                if sees && stands && cell.scene.has_news {
                    may_hold.insert(known(news));
                }
            }
            // What is wiped is wiped right behind the commit.
            if !soon(|| disk.words() == *may_hold).await {
                let words = disk.words();
                let more: Vec<_> = words.difference(may_hold).collect();
                let less: Vec<_> = may_hold.difference(&words).collect();
                wrong.push(format!("{who}'s disk has the words {more:?} and lacks {less:?}"));
            }
        }
        wrong
    }

    pub async fn closes(self) {
        let checked = check::check(&self.serving.server.app().pool).await.unwrap();
        assert!(checked.wrong.is_empty(), "{checked}");
        block_in_place(|| self.disks.into_iter().for_each(Disk::goes));
        drop(self.peers);
        self.serving.stop().await.unwrap();
    }
}

/// A cell, and what came of it.
pub struct Played {
    pub author: &'static Post,
    place: Where,
    pub scene: Scene,
    pub verdict: Verdict,
    /// A change came with the verdict.
    pub came: bool,
    /// The document was given to who asked for it.
    pub shown: bool,
}

impl Played {
    /// Which cell it is.
    pub fn words(&self) -> String {
        let place = match self.place {
            Where::Theirs => "theirs",
            Where::Elsewhere => "elsewhere",
        };
        format!("{}, on what is {place}", self.author.role.words())
    }
}

async fn hired(serving: &Serving, post: &Post, with_place: bool) -> PersonId {
    let new = NewPerson {
        id: PersonId::new(Uuid::now_v7()),
        name: post.name.to_owned(),
        display_name: None,
        password: PASSWORD.to_owned(),
        roles: vec![post.role],
        locations: with_place.then_some(post.place).into_iter().collect(),
    };
    accounts::create_person(&serving.server.app().pool, new).await.unwrap()
}

/// Looks until it is so; `false`: it never was.
async fn soon(is_so: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}
