use super::*;

fn local() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().to_string_lossy(), &runtime().unwrap()).unwrap();
    (folder, store)
}

#[test]
fn locations_are_told_apart() {
    let kind = |location: &str| match Place::of(location) {
        Ok(Place::Folder(folder)) => format!("folder {}", folder.display()),
        Ok(Place::Remote { scheme, path, .. }) => format!("{scheme:?} {path}"),
        Err(error) => error.to_string(),
    };
    for (location, wanted) in [
        ("a/folder", "folder a/folder"),
        ("file:///a/folder%20b", "folder /a/folder b"),
        ("s3://bucket", "AmazonS3 "),
        ("s3://bucket/a/b/", "AmazonS3 a/b"),
        ("gs://bucket/a", "GoogleCloudStorage a"),
        ("az://container/a", "MicrosoftAzure a"),
        (
            "https://account.blob.core.windows.net/container/a",
            "MicrosoftAzure a",
        ),
        ("https://example.org/a", "Http a"),
        ("http://example.org:8080", "Http "),
    ] {
        assert_eq!(kind(location), wanted, "{location}");
    }
    for location in ["ftp://host/a", "memory:///a", "s3://", "://"] {
        assert!(Place::of(location).is_err(), "{location}");
    }
}

#[test]
fn a_url_names_the_same_work_from_any_folder() {
    assert_eq!(absolute("s3://bucket/a/"), "s3://bucket/a");
    assert_eq!(absolute("/a/b"), "/a/b");
    assert_eq!(absolute("file:///a/b"), "/a/b");
    assert!(absolute("a").ends_with("/a") && absolute("a").starts_with('/'));
    assert!(is_remote("gs://a/b") && !is_remote("a/b") && !is_remote("file:///a"));
}

#[test]
fn objects_of_any_name_are_read_under_the_name_that_the_listing_shows() {
    let (folder, store) = local();
    for name in [
        "a b", "50%", "#1.gpx", "~", "ö", "[x]", "q?", "*", "%41", "{}", "a\\b",
    ] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let listed = store.list().unwrap();
    assert_eq!(listed.len(), 11);
    for object in listed {
        let bytes = store.get_listed(&object, None).unwrap();
        assert_eq!(bytes.as_ref(), object.path.as_bytes(), "{object:?}");
        assert_eq!(store.get(&object.path).unwrap(), bytes);
    }
}

#[cfg(unix)]
#[test]
fn names_that_cannot_be_held_are_shown_and_end_no_listing() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, store) = local();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    let names: [&[u8]; 5] = [
        b"a/good.gpx",
        b"a/track#1",
        b"a/b\x07ell",
        b"a/\xff.jpg",
        b"z#1.gpx",
    ];
    for name in names {
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
    }
    let paths = |listed: Vec<Listed>| listed.into_iter().map(|o| o.path).collect::<Vec<_>>();
    assert_eq!(paths(store.list().unwrap()), ["a/good.gpx", "z#1.gpx"]);
    let others = store.unaddressable().unwrap();
    assert!(others.iter().all(Listed::is_unaddressable));
    assert_eq!(others[0].bytes, 7);
    assert_eq!(paths(others), ["a/\\xff.jpg", "a/b\\u{7}ell", "a/track#1"]);
    assert_eq!(paths(store.below("a").unaddressable().unwrap()).len(), 3);
}

#[test]
fn heads_are_parts_of_objects() {
    let (_folder, store) = local();
    store.put("a", b"0123456789".to_vec()).unwrap();
    store.put("empty", Vec::new()).unwrap();
    let listed = store.list().unwrap();
    let read = |index: usize, count| store.get_listed(&listed[index], count).unwrap();
    assert_eq!(read(0, Some(4)).as_ref(), b"0123");
    assert_eq!(read(0, Some(400)).as_ref(), b"0123456789");
    assert_eq!(read(0, None).as_ref(), b"0123456789");
    assert_eq!(read(1, Some(4)).as_ref(), b"");
    assert_eq!(read(1, None).as_ref(), b"");
}

#[test]
fn what_changed_after_the_listing_is_not_read() {
    let (folder, store) = local();
    store.put("a", b"one".to_vec()).unwrap();
    let listed = store.list().unwrap().remove(0);
    store.put("a", b"another".to_vec()).unwrap();
    let error = store.get_listed(&listed, None).unwrap_err().to_string();
    assert!(error.contains("`a`") && error.contains("was replaced"), "{error}");
    std::fs::remove_file(folder.path().join("a")).unwrap();
    let error = store.get_listed(&listed, None).unwrap_err().to_string();
    assert!(error.contains("`a`") && error.contains("was removed"), "{error}");
}

#[test]
fn looking_up_gives_what_a_listing_gives() {
    let (_folder, store) = local();
    for number in 0..40 {
        store.put(&format!("f/{number:02}"), vec![0; number]).unwrap();
    }
    let mut paths: Vec<String> = (0..40).map(|number| format!("f/{number:02}")).collect();
    assert_eq!(store.look_up(&paths).unwrap(), store.list().unwrap());
    assert!(store.has_each(&paths).unwrap());
    paths.extend(["none".to_owned(), "../a".to_owned(), "a//b".to_owned()]);
    assert_eq!(store.look_up(&paths).unwrap().len(), 40);
    assert!(!store.has_each(&paths).unwrap());
}

#[test]
fn the_marks_of_folders_are_no_objects() {
    let object = |path: &str, bytes| Listed {
        path: path.to_owned(),
        bytes,
        version: String::new(),
    };
    let mut objects = vec![
        object("a", 0),
        object("a/b", 0),
        object("a/b/c.gpx", 5),
        object("d", 0),
        object("e", 7),
        object("e/f", 1),
    ];
    drop_folder_marks(&mut objects);
    let left: Vec<&str> = objects.iter().map(|object| object.path.as_str()).collect();
    assert_eq!(left, ["a/b/c.gpx", "d", "e", "e/f"]);
}

#[test]
fn answers_of_stores_become_one_line() {
    let body = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error><Code>AccessDenied\
                </Code><Message>No\nway.</Message><RequestId>1</RequestId></Error>";
    let error = StoreError::Object {
        action: "reading",
        path: "a.gpx".to_owned(),
        location: "s3://bucket".to_owned(),
        said: object_store::Error::PermissionDenied {
            path: "a.gpx".to_owned(),
            source: body.into(),
        },
    };
    let text = error.to_string();
    for part in [
        "reading `a.gpx` in `s3://bucket`",
        "access is denied",
        "403",
        "AccessDenied: No way.",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains('\n') && !text.contains("RequestId"), "{text}");
}

#[test]
fn writing_and_reading_many_keeps_their_order() {
    let (_folder, store) = local();
    let name = |number: u8| format!("t/{number}");
    store
        .put_each((0..50).map(|number| (name(number), vec![number])).collect())
        .unwrap();
    let paths: Vec<String> = (0..50).rev().map(name).collect();
    let read = store.get_each(&paths).unwrap();
    assert!(read.iter().map(|bytes| bytes[0]).eq((0..50).rev()));
    assert!(!store.put_if_absent("t/1", vec![1]).unwrap());
    assert!(store.put_if_absent("u", vec![1]).unwrap());
}

#[test]
fn an_object_written_from_a_reader_is_the_same_whatever_its_size() {
    let (_folder, store) = local();
    for bytes in [0, 7, PIECE, 2 * PIECE + 3] {
        let content: Vec<u8> = (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect();
        store.put_from("a/object", &mut content.as_slice()).unwrap();
        assert!(store.get("a/object").unwrap() == content, "{bytes}");
    }
}

#[test]
fn an_object_is_replaced_only_while_it_is_the_one_that_was_read() {
    let (_folder, folder) = local();
    // As a bucket does it: on a condition.
    let bucket = Store {
        inner: Arc::new(object_store::memory::InMemory::new()),
        reach: Reach::Bucket,
        ..folder.clone()
    };
    for store in [folder, bucket] {
        assert!(store.find_version("o", 9).unwrap().is_none());
        store.put("o", b"one".to_vec()).unwrap();
        let (bytes, version) = store.find_version("o", 3).unwrap().unwrap();
        assert_eq!(bytes, "one");
        assert!(matches!(
            store.find_version("o", 2),
            Err(StoreError::TooLarge {
                bytes: 3,
                limit: 2,
                ..
            })
        ));
        assert!(
            store
                .put_if_still("o", b"second".to_vec(), version.clone())
                .unwrap()
        );
        // Another one read the first as well.
        assert!(
            !store
                .put_if_still("o", b"other".to_vec(), version.clone())
                .unwrap()
        );
        assert_eq!(store.get("o").unwrap(), "second");
        store.delete("o").unwrap();
        assert!(!store.put_if_still("o", b"other".to_vec(), version).unwrap());
        assert!(store.find_version("o", 9).unwrap().is_none());
    }
}
