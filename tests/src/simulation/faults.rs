//! What goes wrong, by seed, and how it is healed.

use super::company::Company;
use crate::world::{
    Hand, Outcome, World,
    accounts::{ELSEWHERE, PLACE},
    clock::Clock,
    dice::Dice,
    network::{FINE, Weather},
    versions::Version,
};
use waybill_shared::{
    id::{FactId, Id, LocationId, NotesId},
    order::commands::Note,
    protocol::VERSION,
    review::Decision,
    rules::roles::Role,
};

/// What a seed has in store.
#[derive(Debug)]
pub struct Plan {
    pub steps: i64,
    pub pause_ms: i64,
    /// Of a hundred steps, how many are trouble and not work.
    pub trouble: f64,
    delay_ms: i64,
    loss: f64,
    doubles: f64,
    power_fails: f64,
    log_fails: f64,
    log_is_full: f64,
    log_rejects: f64,
    clocks: bool,
    rewrites: bool,
    server_crashes: bool,
    log_is_put_back: bool,
    log_loses: bool,
    log_is_trimmed: bool,
    pub scripts: bool,
    files_are_put_back: bool,
    files_are_copied: bool,
    roles_change: bool,
    /// People are sent to other places and given roles with which they see more or less.
    people_move: bool,
    disks_fill: bool,
    withdrawals: bool,
    /// Documents are made anew after so many changes.
    generations: Option<i64>,
    erasures: bool,
    /// So many processes over one database.
    servers: usize,
    server_dies: bool,
    dies_in_commit: f64,
    /// A server of a later version writes into the log, too.
    pub newer_writes: bool,
    /// Devices and processes are of several versions, and are updated and set back.
    versions: bool,
    /// Devices hand in dozens of facts at once that their people have no right to.
    floods: bool,
    /// Bytes of what waits on a device rot.
    rots: bool,
}

impl Plan {
    pub fn thrown(dice: &mut Dice) -> Self {
        let calm = dice.chance(15.0);
        let mut maybe = |percent: f64| !calm && dice.chance(percent);
        let (loss, power, log) = (maybe(50.0), maybe(35.0), maybe(35.0));
        let (log_full, log_rejects, disks_fill) = (maybe(25.0), maybe(20.0), maybe(30.0));
        let withdrawals = maybe(60.0);
        let people_move = maybe(60.0);
        let plan =
            [maybe(60.0), maybe(25.0), maybe(45.0), maybe(20.0), maybe(25.0), maybe(25.0), maybe(40.0)];
        let (log_is_trimmed, log_loses, scripts) = (maybe(25.0), maybe(15.0), maybe(60.0));
        let doubles = maybe(30.0);
        let (generations, erasures) = (maybe(50.0), maybe(30.0));
        let (servers, server_dies, dies_in_commit) = (maybe(50.0), maybe(60.0), maybe(25.0));
        let (newer_writes, versions) = (maybe(35.0), maybe(35.0));
        let floods = maybe(25.0);
        let rots = maybe(25.0);
        let [clocks, rewrites, server_crashes, log_is_put_back, files_are_put_back, files_are_copied, roles] =
            plan;
        Self {
            steps: dice.between(40, 200),
            pause_ms: *dice.pick(&[20, 300, 2_500]).unwrap_or(&300),
            trouble: if calm { 4.0 } else { 12.0 },
            delay_ms: *dice.pick(&[15, 120, 1_500]).unwrap_or(&15),
            loss: if loss { dice.between(1, 8) as f64 } else { 0.0 },
            doubles: if doubles { dice.between(5, 40) as f64 } else { 0.0 },
            power_fails: if power { dice.between(1, 4) as f64 } else { 0.0 },
            log_fails: if log { dice.between(5, 30) as f64 } else { 0.0 },
            log_is_full: if log_full { dice.between(3, 20) as f64 } else { 0.0 },
            log_rejects: if log_rejects { dice.between(2, 6) as f64 } else { 0.0 },
            clocks,
            rewrites,
            server_crashes,
            log_is_put_back,
            log_loses,
            log_is_trimmed,
            scripts,
            files_are_put_back,
            files_are_copied,
            roles_change: roles,
            people_move,
            disks_fill,
            withdrawals,
            erasures,
            servers: if servers { *dice.pick(&[2, 2, 3]).unwrap_or(&2) } else { 1 },
            server_dies: servers && server_dies,
            dies_in_commit: if dies_in_commit { dice.between(1, 8) as f64 } else { 0.0 },
            newer_writes,
            versions,
            floods,
            rots,
            generations: generations.then(|| dice.between(1, 12)),
        }
    }

    pub fn begin(&self, world: &World, company: &Company, dice: &mut Dice) {
        world.has_servers(self.servers);
        for hand in &company.hands {
            let skewed = self.clocks && dice.chance(60.0);
            let clock = if skewed {
                Clock { skew_ms: dice.between(-10_800_000, 10_800_000), drift: dice.between(-30_000, 30_000) }
            } else {
                Clock::default()
            };
            world.sim().devices[hand.device].clock = clock;
            if self.servers > 1 {
                hand.talks_to(dice.below(self.servers));
            }
        }
        if let Some(changes) = self.generations.and_then(|changes| u32::try_from(changes).ok()) {
            world.documents_may_grow(changes, 2);
        }
        let mut sim = world.sim();
        sim.network.weather = Weather {
            least_delay_ms: 2,
            most_delay_ms: self.delay_ms,
            loss: self.loss,
            doubles: self.doubles,
        };
        sim.log_fails = self.log_fails;
        sim.log_is_full = self.log_is_full;
        sim.log_rejects = self.log_rejects;
        sim.dies_in_commit = self.dies_in_commit;
        for device in &mut sim.devices {
            device.power_fails = self.power_fails;
        }
    }

    /// One piece of trouble.
    pub fn trouble(&self, world: &World, company: &mut Company, dice: &mut Dice) {
        let kinds = self.kinds();
        let (Some(hand), Some(kind)) = (dice.pick(&company.hands).cloned(), dice.pick(&kinds)) else {
            return;
        };
        match kind {
            Trouble::Offline => hand.goes_offline(),
            Trouble::Online => hand.goes_online(),
            Trouble::Parted => hand.loses_the_network(),
            Trouble::Joined => hand.finds_the_network(),
            Trouble::Restart => hand.restarts(),
            Trouble::Wake => wake_the_dark(world, company),
            Trouble::ServerCrash => world.server_crashes(),
            Trouble::ServerDies => {
                let process = dice.below(self.servers);
                world.a_server_dies(process);
                world.sim().process_returns(process, dice.between(100, 20_000));
            }
            Trouble::NewerWrites => world.a_newer_server_writes(),
            Trouble::Update => update(world, &hand, self.servers, dice),
            Trouble::Rewrites => world.server_rewrites_everything(dice.chance(60.0)),
            Trouble::LogPutBack => {
                let batches = dice.between(1, 12);
                world.server_is_put_back(usize::try_from(batches).unwrap_or(1));
            }
            Trouble::LogLoses => {
                let batches = dice.between(1, 12);
                world.server_loses(usize::try_from(batches).unwrap_or(1));
            }
            Trouble::NumberConfirmed => world.admin_confirms_the_last_number(),
            Trouble::LogTrimmed => world.server_trims_all_but(dice.between(0, 30).unsigned_abs()),
            Trouble::FilePutBack => put_back(&hand, company, dice),
            Trouble::FileCopied if company.hands.len() < 8 => {
                let copy = world.copy_of(&hand, &format!("copy{}", company.hands.len()));
                company.hands.push(copy);
            }
            Trouble::FileCopied => {}
            Trouble::Roles => change_roles(world, &hand, dice),
            Trouble::Moves => moves(world, &hand, company, dice),
            Trouble::DiskFills => hand.fills_the_disk(true),
            Trouble::DiskHasRoom => hand.fills_the_disk(false),
            Trouble::Withdrawal => withdraw(world, &hand, company, dice),
            Trouble::Review => review(world, company, dice),
            Trouble::Rots => drop(hand.has_an_entry_rot()),
            Trouble::Flood => flood(world, &hand, company, dice),
            Trouble::Erased => {
                if let Some(order) = dice.pick(&company.orders) {
                    world.erases(*order);
                    world.erases(NotesId::of(*order));
                }
                if let Some((customer, _)) = company.customers.first().filter(|_| dice.chance(50.0)) {
                    world.erases(*customer);
                    world.erases(NotesId::of(*customer));
                }
            }
        }
    }

    /// What may happen under this plan; what stands twice happens twice as often.
    fn kinds(&self) -> Vec<Trouble> {
        use Trouble::{
            DiskFills, DiskHasRoom, Erased, FileCopied, FilePutBack, Flood, Joined, LogLoses, LogPutBack,
            LogTrimmed, Moves, NewerWrites, NumberConfirmed, Offline, Online, Parted, Restart, Review,
            Rewrites, Roles, Rots, ServerCrash, ServerDies, Update, Wake, Withdrawal,
        };
        let mut kinds = vec![Offline, Offline, Online, Online, Parted, Joined, Joined, Restart, Wake];
        for (on, more) in [
            (self.server_crashes, &[ServerCrash, ServerCrash][..]),
            (self.server_dies, &[ServerDies, ServerDies, ServerDies]),
            (self.newer_writes, &[NewerWrites, NewerWrites, NewerWrites, NewerWrites]),
            (self.versions, &[Update, Update, Update]),
            (self.rewrites, &[Rewrites, Rewrites]),
            (self.log_is_put_back, &[LogPutBack]),
            (self.log_loses, &[LogLoses]),
            (self.scripts, &[NumberConfirmed]),
            (self.log_is_trimmed, &[LogTrimmed, LogTrimmed]),
            (self.files_are_put_back, &[FilePutBack, FilePutBack, FilePutBack]),
            (self.files_are_copied, &[FileCopied]),
            (self.roles_change, &[Roles, Roles]),
            (self.withdrawals, &[Withdrawal, Withdrawal, Withdrawal, Review, Review, Review]),
            (self.roles_change, &[Review]),
            (self.floods, &[Flood, Flood, Review]),
            (self.rots, &[Rots, Rots, Rots, Rots]),
            (self.people_move, &[Moves, Moves, Moves]),
            (self.erasures, &[Erased, Erased]),
            (self.disks_fill, &[DiskFills, DiskFills, DiskHasRoom, DiskHasRoom]),
        ] {
            if on {
                kinds.extend_from_slice(more);
            }
        }
        kinds
    }
}

#[derive(Clone, Copy)]
enum Trouble {
    Offline,
    Online,
    Parted,
    Joined,
    Restart,
    Wake,
    ServerCrash,
    ServerDies,
    NewerWrites,
    Update,
    Rewrites,
    LogPutBack,
    LogLoses,
    NumberConfirmed,
    LogTrimmed,
    FilePutBack,
    FileCopied,
    Roles,
    Moves,
    DiskFills,
    DiskHasRoom,
    Withdrawal,
    Review,
    Erased,
    Flood,
    Rots,
}

/// The program is replaced on a device or a server, by a later version or by the one before.
fn update(world: &World, hand: &Hand, servers: usize, dice: &mut Dice) {
    let speaks = [VERSION, VERSION + 1];
    if dice.chance(40.0) {
        return hand.is_updated(*dice.pick(&speaks).unwrap_or(&VERSION));
    }
    let serves = [VERSION..=VERSION, VERSION..=VERSION + 1, VERSION..=VERSION + 1, VERSION + 1..=VERSION + 1];
    let commands =
        ["order.note/1", "order.hand_over/1", "order.set_quantity/1", "order.create/1", "order.place/1"];
    let serves = dice.pick(&serves).cloned().unwrap_or(VERSION..=VERSION);
    let lacks = dice.pick(&commands).copied().filter(|_| dice.chance(40.0));
    world.a_server_is_updated(dice.below(servers), Version { serves, lacks });
}

fn put_back(hand: &Hand, company: &mut Company, dice: &mut Dice) {
    let old: Vec<_> = company.backups.iter().filter(|(device, _)| *device == hand.device).collect();
    if dice.chance(50.0)
        && let Some((_, backup)) = dice.pick(&old)
    {
        hand.is_put_back(backup);
    } else {
        company.backups.push((hand.device, hand.backup()));
    }
}

/// The server changes what somebody may do; their device may not know it yet.
fn change_roles(world: &World, hand: &Hand, dice: &mut Dice) {
    // None of these lets the device see more or less of the office: that is another matter.
    let roles = match world.sim().accounts.roles(hand.person) {
        [Role::Admin] => return,
        [Role::Manager | Role::Sales | Role::Analyst] => [Role::Analyst, Role::Sales],
        _ => [Role::Shop, Role::Warehouse],
    };
    let roles = dice.pick(&roles).copied();
    world.changes_roles(hand, roles.as_slice());
}

/// Somebody is dismissed or a device is lost, often while it is offline and has entries waiting. The first device's
/// admin stays: somebody must decide on what is held.
fn withdraw(world: &World, hand: &Hand, company: &Company, dice: &mut Dice) {
    let first = company.hands.first().map(|first| world.sim().devices[first.device].id);
    if first == Some(world.sim().devices[hand.device].id) {
        return;
    }
    if dice.chance(60.0) {
        hand.goes_offline();
    }
    if dice.chance(50.0) { world.dismisses(hand) } else { world.shuts_out(hand) }
}

/// Somebody goes on, far from the network, with what they may not do any more: dozens of facts, all of which are held.
fn flood(world: &World, hand: &Hand, company: &Company, dice: &mut Dice) {
    let sells = matches!(world.sim().accounts.roles(hand.person), [Role::Manager | Role::Sales]);
    let Some(order) = dice.pick(&company.orders).copied().filter(|_| sells) else { return };
    hand.goes_offline();
    world.changes_roles(hand, &[Role::Analyst]);
    for nth in 0..dice.between(20, 60) {
        let now = world.sim().now;
        let note = Note { id: FactId::fresh(now, dice), text: format!("{nth} of many") };
        if !matches!(hand.tries(vec![(order.into(), note.into())], Vec::new()), Outcome::Done(_)) {
            return;
        }
    }
    hand.goes_online();
}

/// A manager looks at one of the entries that are held.
pub fn review(world: &World, company: &Company, dice: &mut Dice) {
    let held = world.held();
    let (Some(manager), Some(edit)) = (company.hands.first(), dice.pick(&held)) else { return };
    let decisions = [Decision::Accept, Decision::Accept, Decision::Reverse, Decision::Discard];
    let decision = dice.pick(&decisions).copied().unwrap_or(Decision::Accept);
    world.decides(manager, *edit, decision, "looked into it");
}

/// What somebody may see changes; their device may be far away.
fn moves(world: &World, hand: &Hand, company: &Company, dice: &mut Dice) {
    let roles = world.sim().accounts.roles(hand.person).to_vec();
    match dice.below(5) {
        // The first admin stays one, and nobody works on a device that has gone.
        _ if hand.device == 0 || hand.is_retired() => {}
        0 | 1 => {
            let places: &[&[LocationId]] = &[&[PLACE], &[ELSEWHERE], &[PLACE, ELSEWHERE], &[]];
            if let Some(places) = dice.pick(places) {
                world.sends_to(hand, places);
            }
        }
        2 => {
            let all = [Role::Sales, Role::Shop, Role::Driver, Role::Warehouse, Role::Service];
            world.changes_roles(hand, dice.pick(&all).copied().as_slice());
        }
        3 if roles.len() == 1 => world.changes_roles(hand, &[roles[0], Role::Driver]),
        3 => world.changes_roles(hand, &roles[..1]),
        // A colleague works on this device too, or no more.
        _ => {
            let Some(other) = dice.pick(&company.hands) else { return };
            let sim = world.sim();
            let here = sim.accounts.here(sim.devices[hand.device].id);
            drop(sim);
            match here.iter().any(|grant| grant.person == other.person) {
                _ if other.person == hand.person => {}
                true => world.signs_out(other.person, hand),
                false => world.signs_in(other.person, hand),
            }
        }
    }
}

fn wake_the_dark(world: &World, company: &Company) {
    for hand in &company.hands {
        let mut sim = world.sim();
        if sim.devices[hand.device].session.is_none() {
            sim.start_device(hand.device);
        }
    }
}

/// All faults end, everybody is at work and has a network.
pub fn heal(world: &World, company: &Company, plan: &Plan) {
    {
        let mut sim = world.sim();
        sim.note("world", || "heals".to_owned());
        sim.network.weather = FINE;
        sim.log_fails = 0.0;
        sim.log_is_full = 0.0;
        sim.log_rejects = 0.0;
        sim.dies_in_commit = 0.0;
        sim.start_servers();
        if plan.versions {
            sim.update_all();
        }
        sim.rewrite_all(false);
        for device in &mut sim.devices {
            device.power_fails = 0.0;
            device.disk_full = false;
        }
    }
    world.admin_confirms_the_last_number();
    wake_the_dark(world, company);
    for hand in &company.hands {
        hand.finds_the_network();
        hand.goes_online();
    }
}
