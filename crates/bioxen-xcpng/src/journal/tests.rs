use std::fs;

use bioxen_agent::OpId;

use super::*;

fn op(number: u8) -> OpId {
    OpId::new([number; 16]).expect("not all zero")
}

fn uuid(digit: char) -> Uuid {
    let text: String = "x8-x4-x4-x4-x12"
        .split('-')
        .map(|part| {
            digit
                .to_string()
                .repeat(part[1..].parse().expect("a number"))
        })
        .collect::<Vec<_>>()
        .join("-");
    Uuid::new(&text).expect("a uuid")
}

fn create() -> Intent {
    Intent::Create {
        vm_id: VmId::new("cell-1").expect("a plain name"),
    }
}

#[test]
fn what_was_left_is_found_with_all_that_was_noted() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(&folder.path().join("deep/down")).expect("it is made");
    for (number, intent) in [
        (1, create()),
        (2, Intent::Destroy { vm: uuid('a') }),
        (3, Intent::Session),
    ] {
        journal.begin(op(number), &intent).expect("room");
    }
    let mut entry = journal.begin(op(4), &create()).expect("room");
    let notes = [
        Note::Cloned(uuid('b')),
        Note::Disk(uuid('c')),
        Note::Session(uuid('d')),
    ];
    for note in &notes {
        entry.note(note.clone()).expect("room");
    }
    // While its client lives it is nobody else's business.
    let (left, unreadable) = journal.left().expect("readable");
    let ops: Vec<OpId> = left.iter().map(|left| left.entry.op()).collect();
    assert_eq!(ops, [op(1), op(2), op(3)]);
    assert_eq!(left[1].intent, Intent::Destroy { vm: uuid('a') });
    assert!(unreadable.is_empty());
    for left in left {
        left.entry.close().expect("it goes");
    }
    drop(entry);
    let (mut left, _) = journal.left().expect("readable");
    let left = left.pop().expect("the fourth");
    assert_eq!((left.intent, left.notes), (create(), notes.to_vec()));
    left.entry.close().expect("it goes");
    assert!(journal.left().expect("readable").0.is_empty());
}

#[test]
fn a_line_that_was_cut_is_as_if_it_had_not_been_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it is there");
    let mut entry = journal.begin(op(1), &create()).expect("room");
    entry.note(Note::Cloned(uuid('a'))).expect("room");
    drop(entry);
    let path = folder.path().join(format!("{}.op", op(1)));
    let whole = fs::read(&path).expect("it is there");
    let first = whole.iter().position(|b| *b == b'\n').expect("two lines") + 1;
    for cut in first..whole.len() {
        fs::write(&path, &whole[..cut]).expect("room");
        let (left, _) = journal.left().expect("readable");
        assert_eq!(left[0].notes, [], "cut at {cut}");
    }
}

#[test]
fn what_is_no_journal_is_named_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it is there");
    let path = folder.path().join(format!("{}.op", op(7)));
    for text in ["", "{}\n", "nonsense\n", "{\"cloned\":{\"vm\":\"x\"}}\n"] {
        fs::write(&path, text).expect("room");
        let (left, unreadable) = journal.left().expect("readable");
        assert!(left.is_empty(), "{text}");
        let error = unreadable.first().expect("it is named").to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(path.exists());
    }
    fs::write(folder.path().join("short.op"), "").expect("room");
    assert_eq!(journal.left().expect("readable").1.len(), 2);
}

#[test]
fn tasks_are_settled_before_what_they_are_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it is made");
    let task = Intent::Task {
        task: Ref::new("OpaqueRef:1").expect("a reference"),
    };
    journal.begin(op(1), &create()).expect("room");
    journal.begin(op(2), &task).expect("room");
    let (left, unreadable) = journal.left().expect("it can be read");
    assert!(unreadable.is_empty());
    let intents: Vec<&Intent> = left.iter().map(|left| &left.intent).collect();
    assert_eq!(intents, [&task, &create()]);
    assert!(journal.has(op(1)) && !journal.has(op(3)));
}

#[test]
fn two_at_the_same_thing_know_of_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it is made");
    let first = journal.begin(op(1), &create()).expect("room");
    assert!(!journal.is_shared(&first, &create()));
    let second = journal.begin(op(2), &create()).expect("room");
    assert!(journal.is_shared(&first, &create()));
    assert!(journal.is_shared(&second, &create()));
    // One whose client is gone is at nothing any more.
    drop(second);
    assert!(!journal.is_shared(&first, &create()));
}

#[test]
fn what_was_never_begun_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("it is made");
    let abandoned = folder.path().join(format!("{}.new", op(1)));
    fs::write(&abandoned, "{\"cre").expect("room");
    let live = folder.path().join(format!("{}.new", op(2)));
    fs::write(&live, "").expect("room");
    let lock = File::open(&live).expect("a file");
    lock.lock().expect("nobody has it");
    assert!(journal.left().expect("it can be read").0.is_empty());
    assert!(!abandoned.exists() && live.exists());
}
