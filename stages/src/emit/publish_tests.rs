use ::parquet::basic::LogicalType;
use ::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use bytes::Bytes;
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::units::{Position, Ppm, Timestamp};

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
    let file = publish(&rows, GeoParquet::default()).unwrap();
    let batch = parquet::read(Bytes::from(file.bytes)).unwrap();
    assert_eq!(Coverage::from_batch(&batch).unwrap(), rows);
    assert!(batch.column_by_name("geometry").is_some() && batch.column_by_name("bbox").is_some());
    assert_eq!(file.rows, rows.iter().map(Row::digest).collect::<Vec<_>>());
}

#[test]
fn rows_out_of_order_are_refused() {
    let mut rows = vec![coverage(557_000_000), coverage(557_100_000)];
    rows.sort_by_key(|r| std::cmp::Reverse(r.key()));
    assert!(
        publish(&rows, GeoParquet::default())
            .unwrap_err()
            .to_string()
            .contains("keys must rise")
    );
}

#[test]
fn the_geo_metadata_names_exact_types_and_the_box() {
    let shapes = [cell_shape(coverage(557_000_000).cell), None];
    let metadata: serde_json::Value = serde_json::from_str(&geo_metadata(&shapes, GeoParquet::V1_1)).unwrap();
    let column = &metadata["columns"]["geometry"];
    assert_eq!(column["geometry_types"], serde_json::json!(["Polygon"]));
    assert_eq!(column["bbox"].as_array().unwrap().len(), 4);
    assert!(column.get("crs").is_none());
}

#[test]
fn every_published_column_has_a_description_and_a_unit() {
    fn columns<R: Publish>(rows: &[R]) {
        let (batch, _) = content(rows, GeoParquet::default()).unwrap();
        for column in batch.schema().fields() {
            for key in ["description", "unit"] {
                let told = column.metadata().get(key).map_or("", String::as_str);
                assert!(!told.is_empty(), "{}.{} has no {key}", R::TABLE, column.name());
            }
        }
    }
    columns::<Object>(&[]);
    columns::<Image>(&[]);
    columns::<Pass>(&[]);
    columns::<Coverage>(&[]);
    columns::<Standing>(&[]);
    columns::<Credit>(&[]);
    columns::<Reward>(&[]);
    columns::<Adjustment>(&[]);
}

/// The footer of a file of three cells.
fn footer(form: GeoParquet) -> ParquetMetaData {
    let mut rows = [557_000_000, 557_100_000, 557_200_000].map(coverage);
    rows.sort_by_key(Row::key);
    let bytes = Bytes::from(publish(&rows, form).unwrap().bytes);
    let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.try_parse(&bytes).unwrap();
    reader.finish().unwrap()
}

#[test]
fn geometries_are_of_the_native_type_where_that_is_asked_for() {
    let logical = |form: GeoParquet| {
        let file = footer(form);
        let schema = file.file_metadata().schema_descr_ptr();
        let column = schema
            .columns()
            .iter()
            .find(|c| c.name() == "geometry")
            .cloned()
            .unwrap();
        column.logical_type_ref().cloned()
    };
    assert_eq!(logical(GeoParquet::V1_1), None);
    assert!(matches!(
        logical(GeoParquet::V2_0),
        Some(LogicalType::Geometry { .. })
    ));
    let rows = [coverage(557_000_000)];
    for form in [GeoParquet::V1_1, GeoParquet::V2_0] {
        let file = parquet::read(Bytes::from(publish(&rows, form).unwrap().bytes)).unwrap();
        assert_eq!(Coverage::from_batch(&file).unwrap(), rows);
        assert_eq!(first_underived(&file, &rows).unwrap(), None, "{form:?}");
    }
}

#[test]
fn files_have_a_page_index_and_statistics_and_what_is_looked_up_has_bloom_filters() {
    let file = footer(GeoParquet::default());
    assert!(file.column_index().is_some() && file.offset_index().is_some());
    for column in file.row_group(0).columns() {
        assert!(column.statistics().is_some(), "{}", column.column_path());
    }
    let pass = Pass::unjudged(
        Digest::of(b"pass"),
        "ada",
        Digest::of(b"sequence"),
        coverage(557_000_000).cell,
        "ada/track.gpx",
        Timestamp(0),
    );
    let bytes = Bytes::from(publish(&[pass], GeoParquet::default()).unwrap().bytes);
    let file = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
    let filtered: Vec<String> = file
        .row_group(0)
        .columns()
        .iter()
        .filter(|column| column.bloom_filter_offset().is_some())
        .map(|column| column.column_path().string())
        .collect();
    assert_eq!(filtered, ["pass_id", "contributor"]);
}

#[test]
fn the_box_that_the_metadata_tells_is_the_box_of_the_shapes() {
    let shapes = [cell_shape(coverage(557_000_000).cell), None];
    let all = shapes[0].as_ref().map(|shape| shape.bbox);
    assert_eq!(bbox_of_metadata(&geo_metadata(&shapes, GeoParquet::V1_1)), all);
    assert_eq!(bbox_of_metadata(&geo_metadata(&[], GeoParquet::V1_1)), None);
}
