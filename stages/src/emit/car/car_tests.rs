use cairn_datasets::cid::Codec;
use cairn_datasets::digest::Digest;

use super::*;

/// The tree over chunks of four bytes, three to a node: small enough to be of several levels.
fn small_tree(bytes: &[u8]) -> FileTree {
    let chunks = bytes.chunks(4).map(Ok::<_, CarError>);
    FileTree::of_width(3, chunks).unwrap()
}

/// What npm's `@ipld/unixfs` 3.0.0 makes of `len` bytes, each seven more than the one before, in chunks of 4 bytes with 3
/// children to a node: the identifier, and the bytes of all blocks as often as they are linked.
const SMALL_TREES: [(usize, &str, u64); 13] = [
    (
        0,
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        0,
    ),
    (
        1,
        "bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu",
        1,
    ),
    (
        4,
        "bafkreidocrmqqymbl27lw5xizjdamin5b5qoutyvkdw36mxgmtjq26qe7u",
        4,
    ),
    (
        5,
        "bafybeiesaxrnz524ylvlijb7rni2ki5ybckv47unwdkdiqeovakgniw6fm",
        103,
    ),
    (
        12,
        "bafybeiamwdbwmyfp4lmwftz6an2r2fipwl7rbn3ywbj3s3bdqbgkv47uuu",
        156,
    ),
    (
        13,
        "bafybeibrj6ehium7sg5blw4aianp7cryvenu646pjctpm2o2p4tehdfs7i",
        308,
    ),
    (
        36,
        "bafybeih3pfjlaz4xqjoj6hb2kg2eu2lyidpcuogrlwy6tlub3exqymyvla",
        615,
    ),
    (
        37,
        "bafybeihrk7ywfjxqircf4nyxwymtkuzp77c2a6n6tfw2u6f4iac35txnmq",
        819,
    ),
    (
        40,
        "bafybeifeab27bgr6tvein36sbreicxuen73gnfmrp5rvwrlpqgwqh4ymxm",
        822,
    ),
    (
        41,
        "bafybeibrrgs6faa32teuuagoxcmyz5gl5fzkzkdiwyg3vnh5eedheo3wlm",
        870,
    ),
    (
        100,
        "bafybeigzprshwd676dkallxaore5gkmejiox72nj4pn5jup2jqdd5uxgny",
        1891,
    ),
    (
        109,
        "bafybeihmvlq3d5ioa2f66sdhvijfbdl4dh3lsakddxbbpfxtsuxykuubzm",
        2249,
    ),
    (
        120,
        "bafybeighib5iz23ues3u3nupb7qmsqyjermv3uwuyv3577nrp7sxnj2754",
        2354,
    ),
];

#[test]
fn trees_of_any_height_are_those_of_another_implementation() {
    for (len, cid, total) in SMALL_TREES {
        #[expect(clippy::cast_possible_truncation, reason = "on purpose")]
        let bytes: Vec<u8> = (0..len).map(|at| (at * 7) as u8).collect();
        let root = small_tree(&bytes).root();
        assert_eq!((root.cid.to_string().as_str(), root.total), (cid, total), "{len}");
        assert_eq!(root.content, len as u64);
    }
}

#[test]
fn chunks_are_as_large_as_those_of_another_implementation() {
    for (len, cid) in [
        (
            1_048_576,
            "bafkreidddocae7lltzjlkooe5a3tmiwsgazn7logjvqk7bzttsidpzhxne",
        ),
        (
            1_048_577,
            "bafybeidjogjfwuhbzwopgd4bn3skcf5m6oz72xshywcndzxgqb623nfclu",
        ),
        (
            3_145_728,
            "bafybeihzpjrbcpjpzcx4yxh3hasnjidsikmwmsrli7hhamhny5iueulu5a",
        ),
    ] {
        let bytes: Vec<u8> = (0..251).cycle().take(len).collect();
        assert_eq!(FileTree::of_bytes(&bytes).root().cid.to_string(), cid, "{len}");
    }
}

/// Some files in folders, of which two are the same and one has two chunks.
fn files() -> Vec<(String, Vec<u8>)> {
    let long = vec![b'y'; CHUNK + 1];
    let files: [(&str, &[u8]); 6] = [
        ("b.txt", b"b"),
        ("a/x", b"x"),
        ("a/long", &long),
        ("a/b/é", b"z"),
        ("Z", b"same"),
        ("a-b", b"same"),
    ];
    files
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .into()
}

fn archive(files: &[(String, Vec<u8>)]) -> Result<Archive, CarError> {
    Archive::of(
        files
            .iter()
            .map(|(path, bytes)| (path.clone(), FileTree::of_bytes(bytes))),
    )
}

#[test]
fn folders_are_those_of_another_implementation_in_whatever_order_files_come() {
    let mut files = files();
    for _ in 0..files.len() {
        let root = archive(&files).unwrap().root().to_string();
        // What npm's `ipfs-car` 3.1.0 makes of them.
        assert_eq!(
            root,
            "bafybeiasxp43agjkcsqxynmcbsumfn6db55lhj6st5owchpqz2p7z2pzve"
        );
        files.rotate_left(1);
    }
}

#[test]
fn a_walk_meets_every_block_from_the_root_down_and_all_bytes_in_order() {
    let files = files();
    let archive = archive(&files).unwrap();
    let (mut read, mut at) = (BTreeMap::<String, Vec<u8>>::new(), String::new());
    let (mut met, mut expected) = (Vec::new(), Vec::new());
    let walked = archive.walk(|step| {
        match step {
            Step::Block(cid, block) => {
                assert_eq!(cid, Cid::of(Codec::DagPb, block));
                met.push(cid);
            }
            Step::File(path) => at = path.to_owned(),
            Step::Chunk(cid) => {
                let all = &files.iter().find(|(path, _)| *path == at).unwrap().1;
                let read = read.entry(at.clone()).or_default();
                let chunk = &all[read.len()..all.len().min(read.len() + CHUNK)];
                assert_eq!(cid, Cid::of(Codec::Raw, chunk));
                read.extend_from_slice(chunk);
                met.push(cid);
            }
        }
        Ok::<_, CarError>(())
    });
    assert_eq!(walked, Ok(()));
    assert_eq!(met[0], archive.root());
    assert_eq!(read.into_iter().collect::<Vec<_>>(), {
        expected.extend(files);
        expected.sort();
        expected
    });
    // Root, a, a/b, three small files, `same` twice, and a/long with its two chunks.
    assert_eq!(met.len(), 11);
    let mut written = Written::default();
    assert_eq!(met.into_iter().filter(|cid| written.is_new(*cid)).count(), 10);
    assert_eq!(written.blocks(), 10);
}

#[test]
fn the_header_names_the_root() {
    let archive = archive(&files()).unwrap();
    let header = archive.header();
    assert_eq!(header.len(), 59);
    assert_eq!(header[0], 58);
    assert_eq!(header[14..50], archive.root().bytes());
    let cid = Cid::of(Codec::Raw, b"block");
    assert_eq!(frame(&cid, 5), [&[41][..], &cid.bytes()].concat());
    assert_eq!(frame(&cid, CHUNK)[..3], [0xa4, 0x80, 0x40]);
}

#[test]
fn paths_that_do_not_fit_in_a_folder_are_refused() {
    let of = |paths: &[&str]| {
        let files: Vec<_> = paths
            .iter()
            .map(|path| ((*path).to_owned(), b"x".to_vec()))
            .collect();
        archive(&files).err()
    };
    for path in ["", "/a", "a/", "a//b", ".", "../a", "a/..", "a/./b"] {
        let path = path.to_owned();
        assert_eq!(of(&[&path]), Some(CarError::Path { path }));
    }
    let twice = |path: &str| Some(CarError::Twice { path: path.into() });
    assert_eq!(of(&["a", "a"]), twice("a"));
    assert_eq!(of(&["a/b", "a"]), twice("a"));
    assert_eq!(of(&["a", "a/b"]), twice("a"));
    assert_eq!(of(&["a.b", "a/b", "a/c"]), None);
}

#[test]
fn a_folder_of_more_than_one_block_of_two_mebibytes_is_refused() {
    let one = FileTree::of_bytes(b"x");
    let of = |entries: usize| {
        let paths = (0..entries).map(|at| format!("images/tile={at:015x}/part-0.parquet"));
        Archive::of(paths.map(|path| (path, one.clone())))
    };
    // A link is 38 bytes of identifier, 22 of name, 2 or 3 of size, and 2 before them.
    assert!(of(30_000).is_ok());
    let refused = of(35_000).unwrap_err();
    assert!(
        matches!(&refused, CarError::Folder { path, entries: 35_000, bytes } if path == "images" && *bytes > 2 << 20),
        "{refused}"
    );
    assert!(refused.to_string().contains("--tile-resolution"), "{refused}");
}

#[test]
fn a_file_of_many_chunks_takes_a_few_dozen_bytes_of_each() {
    let chunks = (0..3_000_u32).map(|at| Ok::<_, CarError>(at.to_le_bytes()));
    let tree = FileTree::of(chunks).unwrap();
    let (mut nodes, mut leaves) = (0, Vec::new());
    let walked = tree.walk(&mut |met| {
        match met {
            Met::Node(..) => nodes += 1,
            Met::Chunk(cid) => leaves.push(cid.digest),
        }
        Ok::<_, CarError>(())
    });
    assert_eq!(walked, Ok(()));
    assert_eq!(nodes, 1 + 3);
    let wanted: Vec<Digest> = (0..3_000_u32).map(|at| Digest::of(&at.to_le_bytes())).collect();
    assert_eq!(leaves, wanted);
}
