use std::collections::BTreeMap;

use bytes::Bytes;
use cairn_datasets::cell::resolution;
use cairn_datasets::units::Position;
use serde_json::json;

use super::*;
use crate::emit::cell_shape;

fn coverage(epoch: &str, as_of: i64) -> Item {
    Item {
        epoch: epoch.to_owned(),
        as_of: Timestamp(as_of),
        table: "coverage".to_owned(),
        path: format!("reward_epoch={epoch}/coverage/tile=862664527ffffff/part-0.parquet"),
        rows: 7,
        bytes: 900,
        sha256: Digest::of(b"x"),
        bbox: Some(Bbox {
            xmin: 1.5,
            ymin: 2.0,
            xmax: 3.0,
            ymax: 4.25,
        }),
        span: Some((Timestamp(1_000), Timestamp(61_500))),
    }
}

fn rewards(epoch: &str, as_of: i64) -> Item {
    Item {
        table: "rewards".to_owned(),
        path: format!("reward_epoch={epoch}/rewards.parquet"),
        bbox: None,
        span: None,
        ..coverage(epoch, as_of)
    }
}

#[test]
fn an_item_says_where_when_how_much_and_which_bytes() {
    let item = item(&coverage("2026-W20", 90_000));
    assert_eq!(item["id"], "coverage-2026-W20-862664527ffffff");
    assert_eq!(item["bbox"], json!([1.5, 2.0, 3.0, 4.25]));
    let ring = json!([[[1.5, 2.0], [3.0, 2.0], [3.0, 4.25], [1.5, 4.25], [1.5, 2.0]]]);
    assert_eq!(item["geometry"]["coordinates"], ring);
    let told = &item["properties"];
    assert_eq!(told["datetime"], "1970-01-01T00:01:30Z");
    assert_eq!(told["start_datetime"], "1970-01-01T00:00:01Z");
    assert_eq!(told["end_datetime"], "1970-01-01T00:01:01.5Z");
    assert_eq!(told["tile"], "862664527ffffff");
    let data = &item["assets"]["data"];
    let href = "../../../reward_epoch=2026-W20/coverage/tile=862664527ffffff/part-0.parquet";
    assert_eq!(data["href"], href);
    assert_eq!(data["file:checksum"], format!("1220{}", Digest::of(b"x")));
    assert_eq!(
        (&data["file:size"], &data["table:row_count"]),
        (&json!(900), &json!(7))
    );
}

#[test]
fn an_item_without_a_place_has_neither_geometry_nor_box() {
    let item = item(&rewards("2026-W20", 90_000));
    assert!(item["geometry"].is_null() && item.get("geometry").is_some());
    assert!(item.get("bbox").is_none());
    assert_eq!(item["id"], "rewards-2026-W20-rewards");
    assert!(item["properties"].get("tile").is_none());
}

#[test]
fn the_newest_epoch_is_the_one_that_ends_last_whatever_its_name() {
    let mut items = [
        coverage("a", 300),
        coverage("z", 200),
        rewards("z", 200),
        rewards("a", 300),
    ];
    items.sort_by(|a, b| a.order().cmp(&b.order()));
    let items: Vec<&Item> = items.iter().collect();
    let root = root(&items);
    assert_eq!(root["latest"], "a");
    let links = root["links"].as_array().unwrap();
    let latest: Vec<_> = links.iter().filter(|link| link["latest"] == true).collect();
    assert_eq!(latest.len(), 1);
    assert_eq!(latest[0]["href"], "./stac/epochs/a/collection.json");
    assert_eq!(links.iter().filter(|link| link["rel"] == "child").count(), 4);

    let of_coverage: Vec<&Item> = items
        .iter()
        .copied()
        .filter(|item| item.table == "coverage")
        .collect();
    let table = table(&of_coverage, &[]).unwrap();
    let children: Vec<_> = table["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["rel"] == "child")
        .collect();
    assert_eq!(children[0]["href"], "../../stac/coverage/z/catalog.json");
    assert_eq!(children[1]["latest"], true);
}

#[test]
fn rows_hold_what_documents_hold_and_read_back() {
    let items = [coverage("2026-W20", 90_000), rewards("2026-W20", 90_000)];
    let file = Bytes::from(item_rows(&items, &BTreeMap::new()).unwrap());
    assert_eq!(items_of(file.clone()).unwrap(), items);
    assert_eq!(file, item_rows(&items, &BTreeMap::new()).unwrap());
    assert!(items_of(Bytes::from_static(b"PAR1")).is_err());
}

#[test]
fn the_box_of_a_tile_holds_every_cell_of_it() {
    let at = |lat_e7, lon_e7| Cell::at(Position { lat_e7, lon_e7 }, resolution(6).unwrap());
    for tile in [
        at(0, 0),
        at(417_000_000, -876_300_000),
        at(-165_000_000, 1_799_990_000),
        at(899_000_000, 0),
        at(690_000_000, 330_000_000),
    ] {
        let around = box_of_tile(&format!("coverage/tile={tile}/part-0.parquet")).unwrap();
        let children = tile.h3().children(resolution(10).unwrap());
        for child in children.map(|child| Cell::try_from(u64::from(child)).unwrap()) {
            let own = cell_shape(child).unwrap().bbox;
            assert_eq!(around.union(own), around, "{tile} {child}");
        }
    }
    assert_eq!(box_of_tile("coverage/tile=none/part-0.parquet"), None);
    assert_eq!(box_of_tile("rewards.parquet"), None);
}
