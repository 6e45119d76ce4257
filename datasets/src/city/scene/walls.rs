//! Paints upright surfaces, one column at a time: facades, roofs, cars.

use std::ops::Range;

use super::super::num;
use super::camera::Camera;
use super::columns::{Hit, Part};
use super::frame::Column;
use super::props;
use super::texture::Textures;

/// A colour: red, green, blue, 0..=255 before exposure.
pub(super) type Colour = [f32; 3];

/// `a` with `share` of `b`.
#[inline]
pub(super) fn blend(a: Colour, b: Colour, share: f32) -> Colour {
    [
        a[0] + share * (b[0] - a[0]),
        a[1] + share * (b[1] - a[1]),
        a[2] + share * (b[2] - a[2]),
    ]
}

/// `a` brightened `by` a factor.
#[inline]
pub(super) fn lit(a: Colour, by: f32) -> Colour {
    [a[0] * by, a[1] * by, a[2] * by]
}

/// Largest power of two of texels per metre, up to 128, at which texels at `ahead` metres are not smaller
/// than pixels: finer would flicker, coarser would look soft.
pub(super) fn texels_per_m(focal: f32, ahead: f32) -> f32 {
    let mut scale = 128.0;
    while scale * ahead > focal && scale > 2.0 {
        scale *= 0.5;
    }
    scale
}

/// Paints `rows` of a hit. `haze` is the colour of the far distance.
pub(super) fn paint(
    column: &mut Column,
    camera: &Camera,
    textures: &Textures,
    hit: &Hit,
    rows: Range<usize>,
    haze: Colour,
) {
    let scale = texels_per_m(camera.focal, hit.ahead);
    let surface = Surface {
        textures,
        scale,
        u: hit.u,
        shift: num::trunc(num::count(hit.hash & 1023)),
        light: hit.light,
        near: scale >= 32.0,
    };
    let fog = (hit.ahead / 420.0).min(0.6);
    let m_per_row = hit.ahead / camera.focal;
    let height = |y: usize| camera.height + (camera.horizon - num::pixel(y) - 0.5) * m_per_row;
    let mut each = |colour: &dyn Fn(f32) -> Colour| {
        for y in rows.clone() {
            column.pixels[y] = blend(colour(height(y)), haze, fog);
            column.depth[y] = hit.ahead;
        }
    };
    match hit.part {
        Part::Facade | Part::Gable => {
            let facade = Facade::new(hit);
            each(&|h| facade.colour(&surface, h));
        }
        Part::Roof => each(&|h| roof(&surface, hit, h)),
        Part::Body | Part::Bumper => each(&|h| body(&surface, hit, h)),
        Part::Cabin => each(&|h| cabin(&surface, hit, h)),
        Part::Lid => {
            let paint = lit(props::paint(hit.hash), hit.light);
            // Sky is mirrored in paint that is seen at a low angle.
            each(&|_| blend(paint, haze, 0.35));
        }
    }
}

/// What all pixels of a column of a surface share.
struct Surface<'a> {
    textures: &'a Textures,
    scale: f32,
    u: f32,
    shift: i32,
    light: f32,
    near: bool,
}

impl Surface<'_> {
    /// Grit and stains at height `h`, about -1..=1.
    #[inline]
    fn rough(&self, h: f32) -> f32 {
        let (s, t) = (num::trunc(self.u * self.scale), num::trunc(h * self.scale));
        let fine = self.textures.grain(s + self.shift, t);
        let stain = self
            .textures
            .cloud(num::trunc(self.u * 12.0) + self.shift, num::trunc(h * 8.0));
        0.24 * fine + 0.6 * stain
    }
}

/// How one house's front is divided.
struct Facade {
    wall: Colour,
    trim: Colour,
    shop: Option<Colour>,
    floor_m: f32,
    bay_m: f32,
    sill_m: f32,
    window_m: (f32, f32),
    /// Where in its bay the column lies.
    in_bay: f32,
    bay: i32,
    door: bool,
    open: bool,
    brick: bool,
    top: f32,
    hash: u32,
}

const WALLS: [Colour; 10] = [
    [158.0, 132.0, 104.0],
    [132.0, 76.0, 58.0],
    [206.0, 200.0, 188.0],
    [112.0, 108.0, 104.0],
    [184.0, 156.0, 112.0],
    [164.0, 96.0, 72.0],
    [212.0, 202.0, 166.0],
    [88.0, 92.0, 100.0],
    [146.0, 160.0, 168.0],
    [122.0, 88.0, 70.0],
];

const SIGNS: [Colour; 6] = [
    [38.0, 62.0, 44.0],
    [120.0, 26.0, 30.0],
    [28.0, 40.0, 84.0],
    [32.0, 32.0, 34.0],
    [168.0, 140.0, 70.0],
    [72.0, 112.0, 126.0],
];

/// One of a list of colours.
fn pick(list: &[Colour], n: u32) -> Colour {
    let index = usize::try_from(n).unwrap_or(0) % list.len().max(1);
    list.get(index).copied().unwrap_or([128.0; 3])
}

impl Facade {
    fn new(hit: &Hit) -> Self {
        let hash = hit.hash;
        let front = hit.part == Part::Facade;
        let bays = num::floor(hit.length / (1.9 + 1.7 * num::part(hash, 6))).max(1);
        let bay_m = hit.length / num::float(bays);
        let bay = num::floor(hit.u / bay_m);
        let (tall, wide) = (num::part(hash, 13), num::part(hash, 21));
        Self {
            wall: pick(&WALLS, hash >> 3),
            trim: if hash & 64 == 0 {
                [222.0, 218.0, 208.0]
            } else {
                [92.0, 78.0, 66.0]
            },
            shop: (front && (hash >> 7).is_multiple_of(3)).then(|| pick(&SIGNS, hash >> 17)),
            floor_m: 2.6 + 0.7 * num::part(hash, 10),
            bay_m,
            sill_m: 0.7 + 0.3 * tall,
            window_m: ((0.75 + 0.6 * wide).min(bay_m - 0.4), 1.1 + 0.5 * tall),
            in_bay: hit.u - num::float(bay) * bay_m,
            bay,
            door: front && bay == num::trunc(num::count(hash >> 9 & 15)) % bays,
            open: front || hash % 3 == 1,
            brick: (hash >> 3) % 10 % 4 == 1,
            top: hit.top,
            hash,
        }
    }

    fn colour(&self, surface: &Surface, h: f32) -> Colour {
        let aside = (self.in_bay - self.bay_m / 2.0).abs();
        if let Some(sign) = self.shop
            && h < 3.2
        {
            return self.shop_front(surface, sign, h);
        }
        let floor = num::floor(h / self.floor_m);
        let up = h - num::float(floor) * self.floor_m;
        if self.door && floor == 0 {
            if aside < 0.48 && up < 2.1 {
                let panel = if aside < 0.3 && (0.3..1.0).contains(&up) {
                    0.75
                } else {
                    1.0
                };
                let paint = pick(&SIGNS, self.hash >> 15);
                return lit(paint, surface.light * panel * (1.0 + 0.12 * surface.rough(h)));
            }
        } else if self.open && up + 0.5 < self.top - num::float(floor) * self.floor_m {
            let above = up - self.sill_m;
            let (wide, tall) = self.window_m;
            if aside < wide / 2.0 && above > 0.0 && above < tall {
                return self.window(surface, aside, above, floor);
            }
            if aside < wide / 2.0 + 0.12 && above > -0.12 && above < tall + 0.14 {
                return lit(self.trim, surface.light * (0.95 + 0.1 * surface.rough(h)));
            }
        }
        self.plain(surface, h, up)
    }

    fn plain(&self, surface: &Surface, h: f32, up: f32) -> Colour {
        let mut tone = 1.0 + 0.2 * surface.rough(h);
        // Courses of stone or brick: each block has its own shade.
        let (long, tall) = if self.brick { (0.24, 0.08) } else { (0.62, 0.3) };
        let course = num::floor(h / tall);
        let offset = if course & 1 == 0 { 0.0 } else { 0.5 };
        let along = surface.u / long + offset;
        let block = num::floor(along);
        tone += 0.14 * surface.textures.grain(block + surface.shift, course);
        if surface.near && (h / tall - num::float(course) < 0.1 || along - num::float(block) < 0.06) {
            tone *= 0.86;
        }
        if h < 0.5 {
            tone *= 0.8;
        }
        let below_eaves = self.top - h;
        if below_eaves < 0.22 {
            return lit(self.trim, surface.light * 0.9);
        }
        if below_eaves < 0.5 {
            tone *= 0.72;
        } else if up < 0.1 && self.hash & 32 == 0 {
            tone *= 1.15;
        }
        lit(self.wall, surface.light * tone)
    }

    fn window(&self, surface: &Surface, aside: f32, above: f32, floor: i32) -> Colour {
        let (wide, tall) = self.window_m;
        let bar = aside < 0.03 || wide / 2.0 - aside < 0.06 || above < 0.06 || tall - above < 0.06;
        if bar || (above - tall * 0.5).abs() < 0.03 {
            return lit([214.0, 212.0, 206.0], surface.light * 0.95);
        }
        let pane = num::mix(self.hash, num::bits(self.bay), num::bits(floor), 31);
        let curtain = num::part(pane, 0);
        if curtain < 0.3 && aside > wide * (0.1 + curtain) {
            return lit(
                [176.0, 168.0, 152.0],
                surface.light * (0.8 + 0.15 * surface.rough(above)),
            );
        }
        let mirrored = surface.textures.cloud(
            num::trunc(surface.u * 14.0) + surface.shift,
            num::trunc(above * 18.0) + num::bits(floor).cast_signed() * 37,
        );
        let sky = 0.5 + 0.35 * above / tall + 0.3 * mirrored + 0.3 * (num::part(pane, 8) - 0.5);
        // The reveal shades the top of the pane.
        let shade = if tall - above < 0.2 { 0.6 } else { 1.0 };
        lit(
            blend([28.0, 32.0, 38.0], [132.0, 152.0, 172.0], sky.clamp(0.0, 1.0)),
            shade,
        )
    }

    fn shop_front(&self, surface: &Surface, sign: Colour, h: f32) -> Colour {
        if h > 2.5 {
            // Lettering: blocks of light on the sign.
            let letter = num::mix(self.hash, num::bits(num::floor(surface.u / 0.22)), 0, 41);
            let stroke = num::mix(
                letter,
                num::bits(num::floor(surface.u / 0.07)),
                num::bits(num::floor(h / 0.07)),
                43,
            );
            let text = (2.68..3.02).contains(&h) && !letter.is_multiple_of(5) && !stroke.is_multiple_of(3);
            let colour = if text { [226.0, 220.0, 200.0] } else { sign };
            return lit(colour, surface.light * (0.95 + 0.08 * surface.rough(h)));
        }
        let post = surface.u - 1.6 * num::float(num::floor(surface.u / 1.6));
        if h < 0.45 || post < 0.1 || h > 2.4 {
            return lit(sign, surface.light * (0.85 + 0.15 * surface.rough(h)));
        }
        // Goods behind glass: boxes of any colour in the dark, and the other side of the street in the pane.
        let box_hash = num::mix(
            self.hash,
            num::bits(num::floor(surface.u / 0.35)),
            num::bits(num::floor(h / 0.45)),
            47,
        );
        let grey = 36.0 + 90.0 * num::part(box_hash, 0);
        let goods = [
            grey + 30.0 * num::part(box_hash, 8),
            grey + 14.0 * num::part(box_hash, 16),
            grey - 16.0 * num::part(box_hash, 8),
        ];
        let mirrored = surface
            .textures
            .cloud(num::trunc(surface.u * 10.0), num::trunc(h * 16.0) + surface.shift);
        let lamp = if h > 2.1 { 1.2 } else { 0.75 };
        blend(
            lit(goods, lamp),
            [150.0, 162.0, 176.0],
            (0.3 + 0.35 * mirrored).clamp(0.0, 0.7),
        )
    }
}

const TILES: [Colour; 5] = [
    [74.0, 78.0, 86.0],
    [120.0, 66.0, 50.0],
    [92.0, 84.0, 78.0],
    [60.0, 62.0, 68.0],
    [134.0, 92.0, 66.0],
];

fn roof(surface: &Surface, hit: &Hit, h: f32) -> Colour {
    let row = num::floor(h / 0.14);
    let tile = surface
        .textures
        .grain(num::floor(surface.u / 0.25) + surface.shift, row);
    let edge = if hit.top - h < 0.12 { 0.7 } else { 1.0 };
    lit(
        pick(&TILES, hit.hash >> 5),
        hit.light * edge * (1.0 + 0.2 * tile + 0.15 * surface.rough(h)),
    )
}

fn body(surface: &Surface, hit: &Hit, h: f32) -> Colour {
    let from_end = hit.u.min(hit.length - hit.u);
    if hit.part == Part::Body {
        let (wheel_u, wheel_h) = (from_end - 0.78, h - 0.31);
        let round = wheel_u * wheel_u + wheel_h * wheel_h;
        if round < 0.035 {
            return [150.0 + 40.0 * surface.rough(h), 152.0, 156.0];
        }
        if round < 0.11 {
            return [26.0, 26.0, 28.0];
        }
    } else if (0.56..0.78).contains(&h) && from_end < 0.26 {
        // Lamps: white at one end, red at the other.
        return if hit.hash & 2 == 0 {
            [232.0, 230.0, 220.0]
        } else {
            [168.0, 30.0, 28.0]
        };
    } else if (0.24..0.36).contains(&h) {
        return lit([58.0, 60.0, 62.0], hit.light);
    } else if (0.38..0.5).contains(&h) && from_end > 0.6 {
        return [224.0, 206.0, 90.0];
    }
    if h < 0.24 {
        // Open air under the car, in its own shadow.
        return [30.0, 30.0, 32.0];
    }
    let crease = if (h - 0.62).abs() < 0.025 { 0.8 } else { 1.0 };
    let gap = if surface.near && (hit.u - hit.length * 0.52).abs() < 0.012 {
        0.45
    } else {
        1.0
    };
    let mirrored = 0.75 + 0.35 * h + 0.05 * surface.rough(h);
    lit(props::paint(hit.hash), hit.light * mirrored * crease * gap)
}

fn cabin(surface: &Surface, hit: &Hit, h: f32) -> Colour {
    let from_end = hit.u.min(hit.length - hit.u);
    let post = from_end < 0.1 || (hit.length > 1.8 && (hit.u - hit.length * 0.5).abs() < 0.06);
    if post || hit.top - h < 0.1 || (hit.top > 2.0 && hit.hash & 8 == 0 && hit.length > 1.8) {
        return lit(
            props::paint(hit.hash),
            hit.light * (1.0 + 0.04 * surface.rough(h)),
        );
    }
    let mirrored = surface
        .textures
        .cloud(num::trunc(hit.u * 20.0) + surface.shift, num::trunc(h * 30.0));
    let sky = (0.25 + 0.5 * (hit.top - h) + 0.4 * mirrored).clamp(0.0, 1.0);
    blend([24.0, 27.0, 30.0], [138.0, 156.0, 174.0], sky)
}
