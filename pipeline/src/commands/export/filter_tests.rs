use geo::point;

use super::*;

#[test]
fn a_box_over_the_antimeridian_is_two() {
    assert_eq!(boxes("1,2,3,4").unwrap(), [Rect::new((1., 2.), (3., 4.))]);
    let two = [
        Rect::new((179., -1.), (180., 1.)),
        Rect::new((-180., -1.), (-179., 1.)),
    ];
    assert_eq!(boxes("179,-1,-179,1").unwrap(), two);
}

#[test]
fn a_box_that_is_none_is_refused_with_what_is_wrong() {
    for (text, what) in [
        ("1,2,3", "four numbers"),
        ("1,2,3,x", "four numbers"),
        ("1,2,3,NaN", "latitudes"),
        ("-181,0,0,1", "longitudes"),
        ("0,2,1,1", "south"),
    ] {
        let error = boxes(text).unwrap_err().to_string();
        assert!(error.contains(text) && error.contains(what), "{error}");
    }
}

#[test]
fn a_file_is_passed_over_where_its_tile_cannot_meet_the_filter() {
    let near = Filter {
        boxes: boxes("-87.64,41.87,-87.62,41.89").unwrap(),
        ..Filter::default()
    };
    let far = Filter {
        boxes: boxes("7,46,8,47").unwrap(),
        ..Filter::default()
    };
    let path = "coverage/tile=862664c1fffffff/part-0.parquet";
    let tile: Cell = "862664c1fffffff".parse().unwrap();
    let middle = box_of_tile(path).map(rect).unwrap().center();
    assert!((middle.x + 87.6).abs() < 1.0, "{middle:?} {tile}");
    assert!(near.may_be_in("rewards.parquet") && far.may_be_in("rewards.parquet"));
    assert!(!far.may_be_in(path));
    assert!(!near.may_be_in("images/tile=none/part-0.parquet"));
    assert!(Filter::default().may_be_in("images/tile=none/part-0.parquet"));
}

#[test]
fn rows_without_a_place_pass_only_where_none_is_asked_for() {
    let here = Some(Geometry::from(point! { x: 1.5, y: 2.5 }));
    let there = Some(Geometry::from(point! { x: 5.0, y: 2.5 }));
    let places = [here, there, None];
    let passing = |filter: &Filter| {
        filter
            .inside(&places)
            .iter()
            .map(|v| v == Some(true))
            .collect::<Vec<_>>()
    };
    assert_eq!(passing(&Filter::default()), [true, true, true]);
    let boxed = Filter {
        boxes: boxes("1,2,2,3").unwrap(),
        ..Filter::default()
    };
    assert_eq!(passing(&boxed), [true, false, false]);
}
