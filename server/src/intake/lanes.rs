//! What has arrived and waits to be judged: a lane for each device, whose turns come one after the other. Nobody waits
//! behind what another device sends, however much it is.

use std::collections::{HashMap, VecDeque};

use tokio::sync::OwnedSemaphorePermit;
use waybill_shared::id::DeviceId;

use super::pipeline::Submitted;

/// Handed in, with the place it takes until it is prepared.
pub struct Arrived {
    pub submitted: Submitted,
    pub place: OwnedSemaphorePermit,
}

/// What a manager decides, and what the server does itself, waits behind no device.
type Lane = Option<DeviceId>;

#[derive(Default)]
pub struct Lanes {
    /// Everything in the order in which it was handed in, whoever's it is.
    one: bool,
    lanes: HashMap<Lane, VecDeque<Waiting>>,
    /// Those in which something waits, the next one first.
    turns: VecDeque<Lane>,
}

/// What was put back has its place no more.
type Waiting = (Submitted, Option<OwnedSemaphorePermit>);

impl Lanes {
    /// For who hands in what many devices did, each behind what it rests on.
    pub fn one() -> Self {
        Self { one: true, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub fn add(&mut self, arrived: Arrived) {
        let lane = self.lane(&arrived.submitted);
        let waiting = self.lanes.entry(lane).or_default();
        if waiting.is_empty() {
            self.turns.push_back(lane);
        }
        waiting.push_back((arrived.submitted, Some(arrived.place)));
    }

    /// They come first when it is the turn of their devices, and those whose turn it was come first of all.
    pub fn put_back(&mut self, submitted: Vec<Submitted>) {
        let mut first: VecDeque<Lane> = VecDeque::new();
        for one in submitted.into_iter().rev() {
            let lane = self.lane(&one);
            first.retain(|other| *other != lane);
            first.push_front(lane);
            self.lanes.entry(lane).or_default().push_front((one, None));
        }
        self.turns.retain(|lane| !first.contains(lane));
        first.extend(std::mem::take(&mut self.turns));
        self.turns = first;
    }

    fn lane(&self, submitted: &Submitted) -> Lane {
        submitted.what.lane().filter(|_| !self.one)
    }

    /// Whether `take` gives so many.
    pub fn fill(&self, most: usize, share: usize) -> bool {
        let mut ready = 0;
        self.turns.iter().filter_map(|lane| self.lanes.get(lane)).any(|waiting| {
            ready += waiting.len().min(share);
            ready >= most
        })
    }

    /// One of each device in turn until there are `most`, of each at most its `share`, in the order in which it handed
    /// them in.
    pub fn take(&mut self, most: usize, share: usize) -> Vec<Submitted> {
        let mut taken = Vec::with_capacity(most.min(256));
        let mut served: HashMap<Lane, usize> = HashMap::new();
        // These have had their share: their turn comes when the others had theirs.
        let mut rested = VecDeque::new();
        while taken.len() < most
            && let Some(lane) = self.turns.pop_front()
        {
            let Some(waiting) = self.lanes.get_mut(&lane) else { continue };
            let had = served.entry(lane).or_default();
            if *had >= share {
                rested.push_back(lane);
                continue;
            }
            taken.extend(waiting.pop_front().map(|(submitted, _place)| submitted));
            *had += 1;
            if waiting.is_empty() {
                self.lanes.remove(&lane);
            } else {
                self.turns.push_back(lane);
            }
        }
        self.turns.extend(rested);
        taken
    }

    pub fn drain(&mut self) -> impl Iterator<Item = Submitted> {
        self.turns.clear();
        std::mem::take(&mut self.lanes).into_values().flatten().map(|(submitted, _)| submitted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::{Semaphore, mpsc};
    use uuid::Uuid;
    use waybill_shared::id::{EditId, Id};

    use super::*;
    use crate::intake::{Submission, Turn};

    /// Device and number of each.
    fn told(taken: &[Submitted]) -> Vec<(u128, u128)> {
        let device = |one: &Submitted| one.what.lane().map_or(0, |device| device.uuid().as_u128());
        taken.iter().map(|one| (device(one), one.what.edit_id().uuid().as_u128())).collect()
    }

    fn lanes_of(arrived: &[(u128, u128)]) -> Lanes {
        let places = Arc::new(Semaphore::new(arrived.len()));
        let turn = Turn::new(mpsc::unbounded_channel().0);
        let mut lanes = Lanes::default();
        for (device, edit) in arrived {
            let (edit, device) =
                (EditId::new(Uuid::from_u128(*edit)), DeviceId::new(Uuid::from_u128(*device)));
            let submitted = Submitted { what: Submission::Discard { edit, device }, turn: turn.clone() };
            let place = Arc::clone(&places).try_acquire_owned().unwrap();
            lanes.add(Arrived { submitted, place });
        }
        lanes
    }

    #[test]
    fn one_of_each_device_in_turn_and_of_none_more_than_its_share() {
        let flood = (1..=6).map(|nth| (1, nth));
        let arrived: Vec<_> = flood.chain([(2, 21), (2, 22), (3, 31)]).collect();
        let mut lanes = lanes_of(&arrived);
        assert!(lanes.fill(5, 2) && !lanes.fill(6, 2));
        assert_eq!(told(&lanes.take(4, 2)), [(1, 1), (2, 21), (3, 31), (1, 2)]);
        assert_eq!(told(&lanes.take(4, 2)), [(2, 22), (1, 3), (1, 4)], "whose turn was next comes first");
        assert_eq!(told(&lanes.take(1, 2)), [(1, 5)]);
        assert_eq!(told(&lanes.take(9, 9)), [(1, 6)]);
        assert!(lanes.is_empty() && lanes.take(9, 9).is_empty());
    }

    #[test]
    fn what_is_put_back_comes_first_and_in_its_order() {
        let mut lanes = lanes_of(&[(1, 1), (1, 2), (1, 3), (2, 21), (2, 22), (3, 31)]);
        let taken = lanes.take(4, 9);
        assert_eq!(told(&taken), [(1, 1), (2, 21), (3, 31), (1, 2)]);
        lanes.put_back(taken.into_iter().skip(1).collect());
        assert_eq!(told(&lanes.take(9, 9)), [(2, 21), (3, 31), (1, 2), (2, 22), (1, 3)]);
    }
}
