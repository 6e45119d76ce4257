//! Renders one picture: sky, ground, walls and sprites, column by column, nearest surface first.

use super::super::num;
use super::camera::Camera;
use super::columns::{Columns, slope};
use super::ground::{self, Crossing};
use super::light::Weather;
use super::props::Car;
use super::sprites::{Shape, Sprite};
use super::texture::Textures;
use super::walls::{self, Colour, blend};
use super::{Flat, SIGHT_M, Scene, dot, minus, plus};
use crate::city::rng::Rng;

/// A picture: rows of pixels of red, green and blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) rows: usize,
    /// Three bytes a pixel, row by row from the top.
    pub(crate) rgb: Vec<u8>,
}

/// What to render.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// Where the camera is.
    pub(crate) at: Flat,
    /// Unit vector of the viewing direction.
    pub(crate) ahead: Flat,
    /// Height of the camera above the street in metres.
    pub(crate) height_m: f32,
    /// Focal length as on 35 mm film, in mm.
    pub(crate) film_mm: f32,
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) rows: usize,
    /// Light and sky.
    pub(crate) weather: Weather,
    /// How far left of the centre line the camera is, in metres.
    pub(crate) side_m: f32,
    /// Decides how the camera is turned and which cars come towards it.
    pub(crate) hash: u32,
    /// Decides what changes even for a camera at rest: people and sensor noise.
    pub(crate) moment: u32,
}

/// One column while it is painted.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// Colours before exposure, from the top.
    pub(super) pixels: Vec<Colour>,
    /// Distance ahead in metres of what each pixel shows.
    pub(super) depth: Vec<f32>,
}

/// Renders pictures, reusing its buffers.
#[derive(Debug, Clone)]
pub(crate) struct Renderer {
    scene: Scene,
    textures: Textures,
    columns: Columns,
    column: Column,
}

/// Distance that counts as infinitely far, in metres.
const FAR_M: f32 = 1e6;

impl Renderer {
    /// A renderer for `scene`; `rng` makes the textures.
    pub(crate) fn new(scene: Scene, rng: &mut Rng) -> Self {
        let textures = Textures::new(rng);
        Self {
            scene,
            textures,
            columns: Columns::default(),
            column: Column::default(),
        }
    }

    /// The picture of a view.
    pub(crate) fn render(&mut self, view: &View) -> Picture {
        let camera = camera(view);
        self.columns.clear(view.width);
        let sprites = self.collect(&camera, view);
        let near: Vec<_> = self
            .scene
            .segments
            .iter()
            .filter(|segment| {
                let (along, right) = segment.local(camera.at);
                right.abs() < SIGHT_M && along > -SIGHT_M && along < segment.length + SIGHT_M
            })
            .copied()
            .collect();
        let mut rgb = vec![0; 3 * view.width * view.rows];
        let mut crossings = Vec::new();
        for x in 0..view.width {
            let ray = plus(camera.ahead, slope(&camera, x), camera.right);
            crossings.clear();
            crossings.extend(
                near.iter()
                    .filter_map(|segment| Crossing::new(&camera, &view.weather, ray, segment)),
            );
            self.stand(&camera, view, x, ray, &crossings);
            for sprite in &sprites {
                sprite.paint(&mut self.column, &camera, &self.textures, x, view.weather.low);
            }
            self.expose(view, x, &mut rgb);
        }
        Picture {
            width: view.width,
            rows: view.rows,
            rgb,
        }
    }

    /// Finds the surfaces of all columns and the sprites, farthest first.
    fn collect(&mut self, camera: &Camera, view: &View) -> Vec<Sprite> {
        let scene = &self.scene;
        let close = |at: Flat, far: f32| {
            let rel = minus(at, camera.at);
            dot(rel, rel) < far * far && dot(rel, camera.ahead) > -20.0
        };
        for house in scene
            .buildings
            .iter()
            .filter(|house| close(house.center, SIGHT_M))
        {
            self.columns.house(camera, &view.weather, house);
        }
        for bay in scene.bays.iter().filter(|bay| close(bay.at, 90.0)) {
            // Nobody parks where the camera stands.
            if let Some(car) = Car::parked(bay, view.weather.hash).filter(|car| !close(car.at, 4.2)) {
                self.columns.car(camera, &view.weather, &car);
            }
        }
        for car in traffic(view) {
            self.columns.car(camera, &view.weather, &car);
        }
        let trees = scene.trees.iter().filter(|tree| close(tree.at, 130.0));
        let lamps = scene.lamps.iter().filter(|lamp| close(lamp.at, 90.0));
        let mut sprites: Vec<Sprite> = trees
            .filter_map(|tree| Sprite::new(camera, tree, Shape::Tree))
            .chain(lamps.filter_map(|lamp| Sprite::new(camera, lamp, Shape::Lamp)))
            .chain(people(camera, view))
            .collect();
        sprites.sort_by(|a, b| b.ahead.total_cmp(&a.ahead));
        sprites
    }

    /// Paints everything that stands on the ground in column `x`, the ground and the sky. Nearer surfaces
    /// stand lower in the picture, so from near to far each adds only rows above those painted before.
    fn stand(&mut self, camera: &Camera, view: &View, x: usize, ray: Flat, crossings: &[Crossing]) {
        let haze = view.weather.low;
        let column = &mut self.column;
        column.pixels.resize(view.rows, haze);
        column.depth.resize(view.rows, FAR_M);
        let mut floor = view.rows;
        for hit in self.columns.sorted(x) {
            let base = num::index(camera.row(hit.bottom, hit.ahead) + 0.5, floor);
            if hit.until <= hit.ahead && base < floor {
                ground::paint(
                    column,
                    camera,
                    &self.textures,
                    &view.weather,
                    crossings,
                    ray,
                    base..floor,
                    haze,
                );
                floor = base;
            }
            let top = num::index(camera.row(hit.top, hit.until) + 0.5, floor);
            walls::paint(column, camera, &self.textures, hit, top..floor, haze);
            floor = top;
            if floor == 0 {
                return;
            }
        }
        let horizon = num::index(camera.horizon + 1.0, floor);
        ground::paint(
            column,
            camera,
            &self.textures,
            &view.weather,
            crossings,
            ray,
            horizon..floor,
            haze,
        );
        sky(column, camera, &self.textures, &view.weather, ray, horizon);
    }

    /// Applies exposure, the lens's darker corners and sensor noise, and stores column `x`.
    fn expose(&self, view: &View, x: usize, rgb: &mut [u8]) {
        let (width, rows) = (view.width, view.rows);
        let across = (num::pixel(x) / num::pixel(width) - 0.5) * 2.0;
        let shift = num::trunc(num::count(view.moment & 0xffff));
        let (column, [red, green, blue]) = (num::trunc(num::pixel(x)), view.weather.gains);
        let mut at = 3 * x;
        for (y, colour) in self.column.pixels.iter().enumerate() {
            let down = (num::pixel(y) / num::pixel(rows) - 0.5) * 1.2;
            let lens = 1.0 - 0.13 * (across * across + down * down);
            // The tile repeats; shearing it by the row hides that.
            let row = num::trunc(num::pixel(y));
            let noise = 2.0
                * self
                    .textures
                    .grain(column + shift + row.wrapping_mul(37), row + (shift >> 8));
            if let Some(pixel) = rgb.get_mut(at..at + 3) {
                pixel[0] = num::byte(tone(colour[0] * red * lens) + noise);
                pixel[1] = num::byte(tone(colour[1] * green * lens) + noise);
                pixel[2] = num::byte(tone(colour[2] * blue * lens) + noise);
            }
            at += 3 * width;
        }
    }
}

/// The contrast that cameras add: darker below the middle, brighter above.
#[inline]
fn tone(x: f32) -> f32 {
    122.0 + 1.22 * (x - 108.0)
}

/// The camera of a view, with the small turns that a hand or a bumpy road gives it.
fn camera(view: &View) -> Camera {
    let hash = num::mix(view.hash, 1, 2, 3);
    let yaw = 0.05 * (num::part(hash, 0) - 0.5);
    let turned = plus(view.ahead, yaw, [view.ahead[1], -view.ahead[0]]);
    let length = dot(turned, turned).sqrt();
    let ahead = [turned[0] / length, turned[1] / length];
    let (width, rows) = (num::pixel(view.width), num::pixel(view.rows));
    Camera {
        at: view.at,
        ahead,
        right: [ahead[1], -ahead[0]],
        height: view.height_m,
        focal: width * view.film_mm / 36.0,
        center_x: width / 2.0,
        horizon: rows * (0.5 + 0.03 * (num::part(hash, 8) - 0.5)),
        width: view.width,
    }
}

/// Cars that come towards the camera on the other side of the street.
fn traffic(view: &View) -> impl Iterator<Item = Car> {
    let view = *view;
    (0..2).filter_map(move |n| {
        let hash = num::mix(view.hash, n, 5, 61);
        let ahead = 9.0 + 22.0 * num::count(n) + 18.0 * num::part(hash, 8);
        let right = [view.ahead[1], -view.ahead[0]];
        let at = plus(plus(view.at, ahead, view.ahead), view.side_m + 1.7, right);
        let back = [-view.ahead[0], -view.ahead[1]];
        (hash % 5 < 2).then(|| Car::new(at, back, hash))
    })
}

/// People on the pavements.
fn people(camera: &Camera, view: &View) -> impl Iterator<Item = Sprite> {
    let (camera, view) = (*camera, *view);
    (0..5).filter_map(move |n| {
        let hash = num::mix(view.moment, n, 9, 67);
        let ahead = 5.0 + 34.0 * num::part(hash, 8);
        let left = num::part(hash, 16) < 0.5;
        let aside = if left { -7.9 } else { 5.6 } + 2.3 * num::part(hash, 20) + view.side_m;
        let at = plus(
            plus(camera.at, ahead, view.ahead),
            aside,
            [view.ahead[1], -view.ahead[0]],
        );
        (hash.is_multiple_of(3))
            .then(|| Sprite::at(&camera, at, hash, Shape::Person))
            .flatten()
    })
}

/// Paints rows `0..horizon`: clouds on a plane far above, hills at its end.
fn sky(
    column: &mut Column,
    camera: &Camera,
    textures: &Textures,
    weather: &Weather,
    ray: Flat,
    horizon: usize,
) {
    let drift = num::count(weather.hash & 127);
    let length = dot(ray, ray).sqrt();
    let (east, north) = (ray[0] / length, ray[1] / length);
    let hill = 0.035 + 0.03 * textures.smooth(east * 21.0 + 40.0, north * 21.0);
    for y in 0..horizon {
        let up = (camera.horizon - num::pixel(y) - 0.5) / camera.focal;
        let colour = if up < hill {
            let wood = textures.grain(
                num::floor(east * 300.0),
                num::floor(north * 300.0) + num::trunc(up * 900.0),
            );
            blend([92.0, 110.0, 104.0], weather.low, 0.45 + 0.15 * wood)
        } else {
            let clear = blend(weather.low, weather.high, (up * 1.5).min(1.0));
            let far = 9.0 / (up + 0.12);
            let cover = textures.smooth(east * far + drift, north * far + drift * 0.7);
            let white = ((cover + weather.clouds - 0.35) * 2.2).clamp(0.0, 1.0);
            let lit = 212.0 - 52.0 * (cover + weather.clouds - 0.5).clamp(0.0, 1.0);
            blend(clear, [lit, lit, lit + 3.0], 0.9 * white)
        };
        column.pixels[y] = colour;
        column.depth[y] = FAR_M;
    }
}
