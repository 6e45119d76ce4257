use super::{FRONT_M, Scene};
use crate::city::streets::Streets;

#[test]
fn houses_line_the_streets_and_leave_them_free() {
    let scene = Scene::new(&Streets::new(5, 3), 7);
    assert!(scene.buildings.len() > 200, "{} houses", scene.buildings.len());
    assert!(scene.trees.len() > 80 && scene.bays.len() > 200 && scene.lamps.len() > 20);
    for house in &scene.buildings {
        for segment in &scene.segments {
            assert!(segment.distance(house.center) > FRONT_M);
        }
    }
}
