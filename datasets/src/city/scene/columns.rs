//! Finds, for each column of the picture, the upright surfaces that its ray meets.

use super::super::num;
use super::camera::Camera;
use super::light::Weather;
use super::props::Car;
use super::{Building, Flat, SIGHT_M, minus};

/// Nothing nearer than this is drawn, in metres.
const NEAR_M: f32 = 0.35;

/// What a surface is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A wall with windows.
    Facade,
    /// The side wall of a house.
    Gable,
    /// A roof, seen as if it stood upright on the ridge.
    Roof,
    /// The side of a car up to the windows.
    Body,
    /// Front or back of a car.
    Bumper,
    /// Windows and pillars of a car.
    Cabin,
    /// Bonnet or top of a car, level.
    Lid,
}

/// A surface that a column's ray meets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Distance ahead in metres.
    pub(super) ahead: f32,
    /// For a level surface where it ends, else the same as `ahead`.
    pub(super) until: f32,
    /// Height of its lower edge in metres.
    pub(super) bottom: f32,
    /// Height of its upper edge in metres.
    pub(super) top: f32,
    /// Metres along the surface.
    pub(super) u: f32,
    /// Length of the surface in metres.
    pub(super) length: f32,
    /// Light that falls on it.
    pub(super) light: f32,
    /// What it is part of.
    pub(super) part: Part,
    /// The hash of the thing.
    pub(super) hash: u32,
}

/// An upright rectangle in the camera's frame.
struct Plane {
    x: f32,
    z: f32,
    dx: f32,
    dz: f32,
    length: f32,
    columns: std::ops::Range<usize>,
}

impl Plane {
    /// The plane from `a` to `b`, if any of it lies in the picture.
    fn new(camera: &Camera, a: Flat, b: Flat) -> Option<Self> {
        let (ax, az) = camera.local(a);
        let (bx, bz) = camera.local(b);
        if az.max(bz) <= NEAR_M {
            return None;
        }
        let (dx, dz) = (bx - ax, bz - az);
        // The part behind the camera has no columns: the near plane cuts it off.
        let edge = |x: f32, z: f32| {
            if z > NEAR_M {
                camera.column(x, z)
            } else {
                let share = (NEAR_M - az) / dz;
                camera.column(ax + share * dx, NEAR_M)
            }
        };
        let (left, right) = (edge(ax, az), edge(bx, bz));
        let first = num::index(left.min(right), camera.width);
        let end = num::index(left.max(right) + 1.0, camera.width);
        let length = (dx * dx + dz * dz).sqrt();
        (first < end && length > 0.0).then_some(Self {
            x: ax,
            z: az,
            dx,
            dz,
            length,
            columns: first..end,
        })
    }

    /// Distance ahead and share along the plane where the ray of a slope meets it.
    #[inline]
    fn meet(&self, slope: f32) -> Option<(f32, f32)> {
        let under = self.dx - slope * self.dz;
        if under == 0.0 {
            return None;
        }
        let share = (slope * self.z - self.x) / under;
        let ahead = self.z + share * self.dz;
        ((0.0..=1.0).contains(&share) && ahead > NEAR_M).then_some((ahead, share))
    }
}

/// The hits of every column, nearest first once sorted.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    hits: Vec<Vec<Hit>>,
}

impl Columns {
    /// Forgets all hits and makes room for `width` columns.
    pub(super) fn clear(&mut self, width: usize) {
        self.hits.resize_with(width, Vec::new);
        for hits in &mut self.hits {
            hits.clear();
        }
    }

    /// The hits of column `x`, nearest first.
    pub(super) fn sorted(&mut self, x: usize) -> &[Hit] {
        let hits = &mut self.hits[x];
        hits.sort_by(|a, b| a.ahead.total_cmp(&b.ahead));
        hits
    }

    /// Adds the walls and the roof of a house.
    pub(super) fn house(&mut self, camera: &Camera, weather: &Weather, house: &Building) {
        let (_, z) = camera.local(house.center);
        if !(-20.0..SIGHT_M).contains(&z) {
            return;
        }
        for side in 0..4 {
            let (a, b) = (house.corners[side], house.corners[(side + 1) % 4]);
            let outward = outward(a, b, house.center);
            if super::dot(outward, minus(camera.at, a)) <= 0.0 {
                continue;
            }
            let part = if side % 2 == 0 { Part::Facade } else { Part::Gable };
            let light = weather.on_wall(outward);
            self.wall(camera, (a, b), |_, share| {
                let peak = if part == Part::Gable {
                    1.0 - (2.0 * share - 1.0).abs()
                } else {
                    0.0
                };
                (house.height + house.ridge * peak, light, part, house.hash)
            });
        }
        if house.ridge > 0.0 {
            let [c0, c1, c2, c3] = house.corners;
            let ends = (super::middle(c0, c3), super::middle(c1, c2));
            let top = house.height + house.ridge;
            self.wall(camera, ends, |_, _| (top, 0.8, Part::Roof, house.hash));
        }
    }

    fn wall(
        &mut self,
        camera: &Camera,
        ends: (Flat, Flat),
        look: impl Fn(f32, f32) -> (f32, f32, Part, u32),
    ) {
        let Some(plane) = Plane::new(camera, ends.0, ends.1) else {
            return;
        };
        for x in plane.columns.clone() {
            if let Some((ahead, share)) = plane.meet(slope(camera, x)) {
                let (top, light, part, hash) = look(ahead, share);
                let u = share * plane.length;
                let (until, length) = (ahead, plane.length);
                self.hits[x].push(Hit {
                    ahead,
                    until,
                    bottom: 0.0,
                    top,
                    u,
                    length,
                    light,
                    part,
                    hash,
                });
            }
        }
    }

    /// Adds a car: a body with a cabin on it.
    pub(super) fn car(&mut self, camera: &Camera, weather: &Weather, car: &Car) {
        let (_, z) = camera.local(car.at);
        if !(-1.0..90.0).contains(&z) {
            return;
        }
        let body = Solid::new(camera, weather, &car.body(), car.center());
        let cabin = Solid::new(camera, weather, &car.cabin(), car.center());
        for x in body.columns(camera.width) {
            let slope = slope(camera, x);
            let Some(low) = body.meet(slope) else { continue };
            let high = cabin.meet(slope);
            let hit = |entry: &Entry, bottom: f32, top: f32, part: Part| Hit {
                ahead: entry.ahead,
                until: entry.ahead,
                bottom,
                top,
                u: entry.u,
                length: entry.length,
                light: entry.light,
                part,
                hash: car.hash,
            };
            let lid = |entry: &Entry, until: f32, top: f32| Hit {
                // Just behind the edge that it starts from.
                ahead: entry.ahead + 0.001,
                until,
                light: 1.05,
                ..hit(entry, top, top, Part::Lid)
            };
            let side = if low.side % 2 == 0 {
                Part::Body
            } else {
                Part::Bumper
            };
            let column = &mut self.hits[x];
            column.push(hit(&low, 0.0, car.waist, side));
            let open_until = high
                .as_ref()
                .map_or(low.exit, |high| high.ahead.max(low.ahead + 0.002));
            column.push(lid(&low, open_until, car.waist));
            if let Some(high) = high {
                let entry = Entry {
                    ahead: high.ahead.max(low.ahead + 0.003),
                    ..high
                };
                column.push(hit(&entry, car.waist, car.height, Part::Cabin));
                column.push(lid(&entry, high.exit, car.height));
            }
        }
    }
}

/// Where a ray enters and leaves a solid.
struct Entry {
    ahead: f32,
    exit: f32,
    side: usize,
    u: f32,
    length: f32,
    light: f32,
}

/// A box with four upright sides.
struct Solid {
    sides: [Option<(Plane, f32)>; 4],
}

impl Solid {
    fn new(camera: &Camera, weather: &Weather, corners: &[Flat; 4], center: Flat) -> Self {
        let sides = [0, 1, 2, 3].map(|side| {
            let (a, b) = (corners[side], corners[(side + 1) % 4]);
            let light = weather.on_wall(outward(a, b, center));
            Plane::new(camera, a, b).map(|plane| (plane, light))
        });
        Self { sides }
    }

    fn columns(&self, width: usize) -> std::ops::Range<usize> {
        let planes = || self.sides.iter().flatten().map(|(plane, _)| &plane.columns);
        let first = planes().map(|columns| columns.start).min().unwrap_or(width);
        first..planes().map(|columns| columns.end).max().unwrap_or(0)
    }

    fn meet(&self, slope: f32) -> Option<Entry> {
        let mut entry: Option<Entry> = None;
        for (side, plane) in self.sides.iter().enumerate() {
            let Some((plane, light)) = plane else { continue };
            let Some((ahead, share)) = plane.meet(slope) else {
                continue;
            };
            let exit = entry.as_ref().map_or(ahead, |entry| entry.exit.max(ahead));
            entry = match entry {
                Some(entry) if entry.ahead <= ahead => Some(Entry { exit, ..entry }),
                _ => {
                    let (u, length) = (share * plane.length, plane.length);
                    Some(Entry {
                        ahead,
                        exit,
                        side,
                        u,
                        length,
                        light: *light,
                    })
                }
            };
        }
        entry
    }
}

/// Metres to the right per metre ahead along the ray of column `x`.
#[inline]
pub(super) fn slope(camera: &Camera, x: usize) -> f32 {
    (num::pixel(x) + 0.5 - camera.center_x) / camera.focal
}

/// Unit vector out of a wall from `a` to `b` of a thing around `center`.
fn outward(a: Flat, b: Flat, center: Flat) -> Flat {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = (dx * dx + dy * dy).sqrt().max(0.001);
    let normal = [dy / length, -dx / length];
    if super::dot(normal, minus(a, center)) < 0.0 {
        [-normal[0], -normal[1]]
    } else {
        normal
    }
}
