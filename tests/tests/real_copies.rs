//! Files of devices that were restored from a backup, or copied and used twice.

use std::collections::BTreeSet;

use waybill_tests::real::{Company, Device};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[test]
fn a_device_restored_from_an_old_copy_has_everything_again_and_goes_on() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let first = tim.orders("--customer Orion --channel phone --line 1xCHAIR");
    tim.syncs();
    let backup = tim.copied();
    tim.does(&format!("order set-quantity {first} 1 4"));
    tim.orders("--customer Orion --channel phone --line 1xTABLE --place");
    tim.does(&format!("order take-payment {first} 20.00"));
    tim.syncs();
    let before = tim.numbers();
    drop(tim);

    let restored = backup;
    // He sells on before he is back in the network, and does not know what he had done.
    let early = restored.orders("--customer Orion --channel phone --line 2xCHAIR");
    restored.does(&format!("order tag {first} restored"));
    restored.syncs();
    let late = restored.orders("--customer Orion --channel phone --line 3xCHAIR");
    restored.syncs();

    let seen = restored.order(&first);
    assert_eq!((&seen["lines"][0]["quantity"], &seen["tags"][0]), (&"4".into(), &"restored".into()));
    assert_eq!(seen["order"]["open"], "179.60");
    let numbers = restored.numbers();
    assert!(before.iter().chain([&early, &late]).all(|number| numbers.contains(number)), "{numbers:?}");
    assert_eq!(restored.attention().len(), 0);
    each_number_once(&restored, 4);
    company.settles(&[&restored, &company.office]);
}

#[test]
fn two_computers_on_copies_of_one_file_come_to_hold_the_same() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let shared = tim.orders("--customer Orion --channel phone --line 1xCHAIR --line 1xTABLE");
    tim.syncs();
    let copies = [tim.copied(), tim.copied()];
    let all = [&tim, &copies[0], &copies[1]];
    for round in 0..3 {
        for (nth, device) in all.into_iter().enumerate() {
            device.orders("--customer Orion --channel phone --line 1xCHAIR");
            device.does(&format!("order tag {shared} from-{nth}-in-{round}"));
            device.does(&format!("order take-payment {shared} 1.00"));
        }
        all.into_iter().for_each(Device::syncs);
    }
    company.settles(&[&tim, &copies[0], &copies[1], &company.office]);
    let seen = company.office.order(&shared);
    assert_eq!(seen["tags"].as_array().unwrap().len(), 9);
    assert_eq!(seen["order"]["open"], "229.90");
    for device in all {
        assert_eq!(
            (device.attention().len(), device.does("status")["status"]["waiting"].as_u64()),
            (0, Some(0))
        );
        each_number_once(device, 10);
    }
}

fn each_number_once(device: &Device, orders: usize) {
    let numbers = device.numbers();
    assert_eq!(numbers.len(), orders, "{numbers:?}");
    assert_eq!(
        numbers.iter().collect::<BTreeSet<_>>().len(),
        orders,
        "a number was given twice: {numbers:?}"
    );
}
