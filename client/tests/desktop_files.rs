//! Photos and papers in the window: attached, looked at, saved and signed, without signal.

#[path = "desktop/shop.rs"]
mod shop;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{DroppedFile, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use shop::{PHONE, Screen, Shop, fits, press, shows, type_and_enter, type_words, until};
use waybill_client::store::OrderQuery;
use waybill_shared::order::{Order, What};
use waybill_shared::protocol::limits;

/// A shop with one placed order, which is shown.
fn with_an_order(width: f32, height: f32) -> (Shop, Screen) {
    let shop = Shop::new();
    let mut screen = shop.window(width, height);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    for words in ["lund", "oak", "2"] {
        type_and_enter(&mut screen, words);
    }
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    (shop, screen)
}

fn order(shop: &Shop) -> Order {
    let reader = shop.reader();
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
    let rows = reader.order_rows(&list, 0..9).unwrap();
    reader.order(rows[0].id).unwrap().unwrap()
}

fn picture(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    image::RgbImage::from_fn(400, 300, |x, y| image::Rgb([x as u8, y as u8, 90])).save(&path).unwrap();
    path
}

fn attach_by_name(screen: &mut Screen, path: &Path) {
    screen.run_steps(3);
    screen.key_press(Key::A);
    screen.run_steps(4);
    type_words(screen, &path.display().to_string());
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
}

#[test]
fn a_photo_is_attached_by_its_name_seen_and_saved_and_none_of_it_needs_a_mouse_or_signal() {
    let (shop, mut screen) = with_an_order(1280.0, 800.0);
    assert!(shows(&screen, "Nothing attached yet"), "an empty card teaches");
    let desk = tempfile::tempdir().unwrap();
    let photo = picture(desk.path(), "door.jpg");
    attach_by_name(&mut screen, &photo);
    until(&mut screen, "it is attached", |screen| shows(screen, "door.jpg, waits to be sent"));
    assert!(shows(&screen, "Attached door.jpg"));
    // What is here is here, whatever became of the file.
    let bytes = std::fs::read(&photo).unwrap();
    std::fs::remove_file(&photo).unwrap();
    let attached = order(&shop).attachments.into_values().next().expect("it is attached");
    assert_eq!(shop.reader().file(attached.content).unwrap(), Some(bytes.clone()));

    screen.get_by_label("door.jpg, waits to be sent").focus();
    screen.run_steps(2);
    screen.key_press(Key::Enter);
    until(&mut screen, "it is seen", |screen| shows(screen, "Picture of door.jpg"));
    let to = desk.path().join("copy.jpg");
    screen.get_by_role_and_label(egui::accesskit::Role::TextInput, "Save as").focus();
    screen.run_steps(2);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_words(&mut screen, &to.display().to_string());
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "it is saved", |screen| shows(screen, "Saved door.jpg as"));
    assert_eq!(std::fs::read(&to).unwrap(), bytes);
}

#[test]
fn what_cannot_be_attached_says_which_file_it_is_and_what_to_do() {
    let (shop, mut screen) = with_an_order(1280.0, 800.0);
    let desk = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = desk.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let large = vec![0xff; usize::try_from(limits::ATTACHMENT_USUAL).unwrap() + 1];
    for (path, words) in [
        (put("large.jpg", &large), "large.jpg is larger than 10 MiB. Take a smaller picture"),
        (put("nothing.pdf", b""), "nothing.pdf is empty. Choose another one"),
        (put("letter.pdf", b"Dear all"), "letter.pdf is no photo or paper of a known kind. Attach a JPEG"),
        (desk.path().join("gone.jpg"), "There is no file"),
    ] {
        attach_by_name(&mut screen, &path);
        until(&mut screen, words, |screen| shows(screen, words));
        press(&mut screen, "Close this notice");
    }
    assert!(order(&shop).attachments.is_empty());
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn files_are_dropped_on_the_order_and_picked_from_the_folder_they_came_from() {
    let (shop, mut screen) = with_an_order(1280.0, 800.0);
    let desk = tempfile::tempdir().unwrap();
    let first = picture(desk.path(), "first.png");
    picture(desk.path(), "second.png");
    screen.input_mut().dropped_files.push(Arc::new(Dropped(first)));
    until(&mut screen, "the folder is listed", |screen| shows(screen, "second.png"));
    screen.get_by_label_contains("second.png").click();
    screen.run_steps(4);
    press(&mut screen, "Attach 2 files");
    until(&mut screen, "both are attached", |screen| shows(screen, "Attached 2 files"));
    let mut names: Vec<String> = order(&shop).attachments.into_values().map(|one| one.name).collect();
    names.sort();
    assert_eq!(names, ["first.png", "second.png"]);
}

#[test]
fn who_receives_the_goods_signs_on_a_telephone_and_the_signature_goes_with_the_hand_over() {
    let (shop, mut screen) = with_an_order(PHONE, 740.0);
    press(&mut screen, "Confirm");
    until(&mut screen, "the next step", |screen| shows(screen, "Hand over"));
    press(&mut screen, "Hand over");
    fits(&mut screen, "handing over");
    let pad = screen.get_by_label("Sign here").rect();
    assert!(pad.width() > 250.0 && pad.height() > 70.0, "a thumb signs there: {pad:?}");
    screen.drag_at(pad.left_center() + egui::vec2(20.0, 0.0));
    for step in 1..8 {
        screen.hover_at(pad.left_center() + egui::vec2(20.0 + 20.0 * step as f32, 9.0 * (step % 2) as f32));
        screen.run_steps(1);
    }
    screen.drop_at(pad.center());
    screen.run_steps(2);
    assert!(screen.query_by_label("Signed").is_some(), "what was drawn stands");
    fits(&mut screen, "signed");
    press(&mut screen, "Hand over all");
    until(&mut screen, "it is handed over", |screen| shows(screen, "Handed over everything"));
    let order = order(&shop);
    let (id, signature) = order.attachments.iter().next().expect("the signature");
    let by = order.facts.values().find_map(|fact| match &fact.what {
        What::HandedOver { signature, .. } => Some(*signature),
        _ => None,
    });
    assert_eq!((by, signature.name.as_str()), (Some(Some(*id)), "signature.png"));
    let bytes = shop.reader().file(signature.content).unwrap().expect("it is here");
    assert!(image::load_from_memory(&bytes).unwrap().into_luma8().pixels().any(|point| point.0[0] < 50));
    fits(&mut screen, "handed over");
}

#[test]
fn a_damaged_picture_is_told_in_words_and_a_paper_is_saved_to_be_looked_at() {
    let (_shop, mut screen) = with_an_order(PHONE, 740.0);
    let desk = tempfile::tempdir().unwrap();
    let bent = desk.path().join("bent.png");
    std::fs::write(&bent, b"\x89PNG\r\n\x1a\nand then nothing of the kind").unwrap();
    let paper = desk.path().join("paper.pdf");
    std::fs::write(&paper, b"%PDF-1.7 a paper").unwrap();
    for (path, name, words) in
        [(&bent, "bent.png", "it may be damaged"), (&paper, "paper.pdf", "Save it as a file to look at it")]
    {
        attach_by_name(&mut screen, path);
        let row = format!("{name}, waits to be sent");
        until(&mut screen, &row, |screen| shows(screen, &row));
        fits(&mut screen, name);
        screen.get_by_label(&row).scroll_to_me();
        screen.run_steps(4);
        screen.get_by_label(&row).click();
        until(&mut screen, words, |screen| shows(screen, words));
        fits(&mut screen, words);
        screen.key_press(Key::Escape);
        screen.run_steps(3);
    }
}
