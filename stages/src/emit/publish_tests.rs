use bytes::Bytes;
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::units::{Position, Ppm};

use super::*;

fn coverage(lat_e7: i32) -> Coverage {
    Coverage {
        cell: Cell::at(
            Position {
                lat_e7,
                lon_e7: 131_900_000,
            },
            resolution(11).unwrap(),
        ),
        score_ppm: Ppm::new(1),
        quality_ppm: Ppm::new(2),
        freshness_ppm: Ppm::new(3),
        confidence_ppm: Ppm::new(4),
        directions: 1,
        contributors: 1,
        passes: 1,
        images: 0,
        newest_captured_at: None,
        best_image: None,
    }
}

#[test]
fn what_is_published_reads_back_row_for_row() {
    let mut rows = vec![coverage(557_000_000), coverage(557_100_000)];
    rows.sort_by_key(Row::key);
    let file = publish(&rows).unwrap();
    let batch = parquet::read(Bytes::from(file.bytes)).unwrap();
    assert_eq!(Coverage::from_batch(&batch).unwrap(), rows);
    assert!(batch.column_by_name("geometry").is_some() && batch.column_by_name("bbox").is_some());
    assert_eq!(file.rows, rows.iter().map(Row::digest).collect::<Vec<_>>());
}

#[test]
fn rows_out_of_order_are_refused() {
    let mut rows = vec![coverage(557_000_000), coverage(557_100_000)];
    rows.sort_by_key(|r| std::cmp::Reverse(r.key()));
    assert!(publish(&rows).unwrap_err().to_string().contains("keys must rise"));
}

#[test]
fn the_geo_metadata_names_exact_types_and_the_box() {
    let shapes = [cell_shape(coverage(557_000_000).cell), None];
    let metadata: serde_json::Value = serde_json::from_str(&geo_metadata(&shapes)).unwrap();
    let column = &metadata["columns"]["geometry"];
    assert_eq!(column["geometry_types"], serde_json::json!(["Polygon"]));
    assert_eq!(column["bbox"].as_array().unwrap().len(), 4);
    assert!(column.get("crs").is_none());
}

#[test]
fn the_box_that_the_metadata_tells_is_the_box_of_the_shapes() {
    let shapes = [cell_shape(coverage(557_000_000).cell), None];
    let all = shapes[0].as_ref().map(|shape| shape.bbox);
    assert_eq!(bbox_of_metadata(&geo_metadata(&shapes)), all);
    assert_eq!(bbox_of_metadata(&geo_metadata(&[])), None);
}
