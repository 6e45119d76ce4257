//! Which rows are exported, and which files and row groups need not be read for them.

use anyhow::Context;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::and;
use arrow::datatypes::{Schema, UInt32Type, UInt64Type};
use cairn_datasets::cell::{Cell, resolution};
use cairn_stages::emit::stac::box_of_tile;
use cairn_stages::emit::{Bbox, cell_geometry};
use geo::{BoundingRect, Geometry, GeometryCollection, Intersects, Rect};
use geojson::GeoJson;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::cli::Usage;
use crate::published::Run;
use crate::replay;

/// What `cairn export` takes of filters.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Filters {
    /// Rows whose box meets this one, in degrees; west may be greater than east, over the antimeridian.
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Rows whose place meets the polygons of a `GeoJSON` file.
    #[arg(long, value_name = "FILE")]
    polygon: Option<String>,
    /// Rows of an H3 cell, or of all cells in a coarser one.
    #[arg(long, value_name = "H3")]
    cell: Option<String>,
    /// Rows of one contributor.
    #[arg(long, value_name = "ID")]
    contributor: Option<String>,
    /// Rows of coverage with at least this score, parts per million.
    #[arg(long, value_name = "PPM")]
    min_score: Option<u32>,
}

impl Filters {
    /// The first filter that is asked for.
    pub(super) fn first(&self) -> Option<&'static str> {
        let asked = [
            ("--bbox", self.bbox.is_some()),
            ("--polygon", self.polygon.is_some()),
            ("--cell", self.cell.is_some()),
            ("--contributor", self.contributor.is_some()),
            ("--min-score", self.min_score.is_some()),
        ];
        asked
            .iter()
            .find(|(_, is_asked)| *is_asked)
            .map(|(name, _)| *name)
    }
}

/// What rows have to be.
#[derive(Debug, Default)]
pub(super) struct Filter {
    boxes: Vec<Rect<f64>>,
    area: Option<(GeometryCollection<f64>, Rect<f64>)>,
    cell: Option<Cells>,
    contributor: Option<String>,
    min_score: Option<u32>,
}

/// The cells within one, at the resolution of the run.
#[derive(Clone, Copy, Debug)]
struct Cells {
    asked: Cell,
    first: u64,
    last: u64,
}

impl Filter {
    /// # Errors
    /// [`Usage`] where a filter says nothing that rows can be.
    pub(super) fn of(args: &Filters, run: &Run) -> anyhow::Result<Self> {
        let area = args.polygon.as_deref().map(area).transpose()?;
        Ok(Self {
            boxes: args.bbox.as_deref().map(boxes).transpose()?.unwrap_or_default(),
            area,
            cell: args
                .cell
                .as_deref()
                .map(|text| Cells::of(text, run))
                .transpose()?,
            contributor: args.contributor.clone(),
            min_score: args.min_score,
        })
    }

    /// Whether a table has the columns that are asked about.
    ///
    /// # Errors
    /// [`Usage`] naming the table and the column.
    pub(super) fn check(&self, table: &str, schema: &Schema) -> anyhow::Result<()> {
        let wanted = [
            ("--bbox", !self.boxes.is_empty(), "cell"),
            ("--polygon", self.area.is_some(), "cell"),
            ("--cell", self.cell.is_some(), "cell"),
            ("--contributor", self.contributor.is_some(), "contributor"),
            ("--min-score", self.min_score.is_some(), "score_ppm"),
        ];
        let lacking = wanted
            .iter()
            .find(|(_, is_asked, column)| *is_asked && schema.field_with_name(column).is_err());
        if let (Some((option, _, column)), false) = (lacking, schema.fields().is_empty()) {
            return Err(Usage(format!("{option}: table {table} lacks the column `{column}`")).into());
        }
        Ok(())
    }

    /// Whether a cell passes what is asked of places.
    pub(super) fn holds(&self, cell: Cell) -> bool {
        let within = self.cell.is_none_or(|cells| cells.holds(cell.index()));
        within && (!self.is_about_places() || self.inside(&[Some(cell_geometry(cell))]).value(0))
    }

    /// Whether a score passes, parts per million.
    pub(super) fn is_enough(&self, score_ppm: u32) -> bool {
        self.min_score.is_none_or(|wanted| score_ppm >= wanted)
    }

    /// The rectangles of which a row has to meet one, each set of them for itself.
    fn rectangles(&self) -> impl Iterator<Item = &[Rect<f64>]> {
        let area = self.area.as_ref().map(|(_, around)| std::slice::from_ref(around));
        let boxes = (!self.boxes.is_empty()).then_some(self.boxes.as_slice());
        boxes.into_iter().chain(area)
    }

    fn is_about_places(&self) -> bool {
        !self.boxes.is_empty() || self.area.is_some() || self.cell.is_some()
    }

    /// Whether a file can have a row that passes: of a tile, rows of its cells alone.
    pub(super) fn may_be_in(&self, path: &str) -> bool {
        let tile = path.split('/').find_map(|part| part.strip_prefix("tile="));
        let Some(tile) = tile else { return true };
        let Ok(tile) = tile.parse::<Cell>() else {
            // `none`: rows without a cell.
            return !self.is_about_places();
        };
        let around = box_of_tile(path).map(rect);
        let meets = |rectangles: &[Rect<f64>]| {
            around.is_none_or(|around| rectangles.iter().any(|rectangle| rectangle.intersects(&around)))
        };
        self.rectangles().all(meets) && self.cell.is_none_or(|cells| cells.may_be_in(tile))
    }

    /// The row groups that can have a row that passes.
    pub(super) fn groups(&self, footer: &ArrowReaderMetadata) -> Vec<usize> {
        let groups = footer.metadata().row_groups().iter().enumerate();
        let possible = groups.filter(|(_, group)| self.may_be_in_group(group));
        possible.map(|(index, _)| index).collect()
    }

    fn may_be_in_group(&self, group: &RowGroupMetaData) -> bool {
        let cells = self.cell.is_none_or(|cells| match numbers(group, "cell") {
            Some((least, most)) => least <= cells.last && cells.first <= most,
            None => true,
        });
        let score = self
            .min_score
            .is_none_or(|wanted| match numbers(group, "score_ppm") {
                Some((_, most)) => most >= u64::from(wanted),
                None => true,
            });
        let contributor = self.contributor.as_deref().is_none_or(|wanted| {
            let Some(Statistics::ByteArray(found)) = statistics(group, "contributor") else {
                return true;
            };
            // Bounds may be cut short, and stay bounds.
            found
                .min_opt()
                .is_none_or(|least| least.data() <= wanted.as_bytes())
                && found
                    .max_opt()
                    .is_none_or(|most| wanted.as_bytes() <= most.data())
        });
        let around = extent(group);
        let places = self
            .rectangles()
            .all(|rectangles| around.is_none_or(|around| rectangles.iter().any(|r| r.intersects(&around))));
        cells && score && contributor && places
    }

    /// Which rows pass what can be told from plain columns.
    pub(super) fn plain(&self, batch: &RecordBatch) -> anyhow::Result<BooleanArray> {
        let mut passing = BooleanArray::from(vec![true; batch.num_rows()]);
        let column = |name: &str| {
            let column = batch.column_by_name(name);
            column.with_context(|| format!("the file lacks the column `{name}`"))
        };
        let other_type = |name: &str| anyhow::anyhow!("column `{name}` is of another type");
        if let Some(cells) = self.cell {
            let found = column("cell")?.as_primitive_opt::<UInt64Type>();
            let found = found.ok_or_else(|| other_type("cell"))?;
            let inside = found
                .iter()
                .map(|cell| cell.is_some_and(|cell| cells.holds(cell)));
            passing = and(&passing, &inside.map(Some).collect())?;
        }
        if let Some(wanted) = &self.contributor {
            let found = column("contributor")?.as_string_opt::<i32>();
            let found = found.ok_or_else(|| other_type("contributor"))?;
            let same = found.iter().map(|found| Some(found == Some(wanted.as_str())));
            passing = and(&passing, &same.collect())?;
        }
        if let Some(wanted) = self.min_score {
            let found = column("score_ppm")?.as_primitive_opt::<UInt32Type>();
            let found = found.ok_or_else(|| other_type("score_ppm"))?;
            let enough = found
                .iter()
                .map(|found| Some(found.is_some_and(|found| found >= wanted)));
            passing = and(&passing, &enough.collect())?;
        }
        Ok(passing)
    }

    /// Which places pass. A row without one passes where no place is asked for.
    pub(super) fn inside(&self, places: &[Option<Geometry<f64>>]) -> BooleanArray {
        let is_asked = self.rectangles().next().is_some();
        let inside = places.iter().map(|place| {
            let Some(place) = place else { return !is_asked };
            let Some(around) = place.bounding_rect() else {
                return !is_asked;
            };
            let near = self
                .rectangles()
                .all(|rectangles| rectangles.iter().any(|rectangle| rectangle.intersects(&around)));
            near && self.area.as_ref().is_none_or(|(area, _)| area.intersects(place))
        });
        inside.map(Some).collect()
    }
}

impl Cells {
    fn of(text: &str, run: &Run) -> anyhow::Result<Self> {
        let asked: Cell = text.parse().map_err(|e| Usage(format!("--cell: {e}")))?;
        let finest = replay::policy(run)?.place.cell_resolution;
        let too_fine = || {
            Usage(format!(
                "--cell {asked} is finer than the cells of this run, which have resolution {finest}"
            ))
        };
        let finest = resolution(finest)?;
        // The children of a cell stand together, in order of index.
        let most = asked.h3().children_count(finest).saturating_sub(1);
        let (first, last) = (asked.h3().child_at(0, finest), asked.h3().child_at(most, finest));
        Ok(Self {
            asked,
            first: first.ok_or_else(too_fine)?.into(),
            last: last.ok_or_else(too_fine)?.into(),
        })
    }

    /// Whether a cell of the run lies within.
    fn holds(self, cell: u64) -> bool {
        (self.first..=self.last).contains(&cell)
    }

    /// Whether the one lies within the other.
    fn may_be_in(self, tile: Cell) -> bool {
        self.asked.parent(tile.h3().resolution()) == tile
            || tile.parent(self.asked.h3().resolution()) == self.asked
    }
}

/// The rectangles of `W,S,E,N`: two where they reach over the antimeridian.
fn boxes(text: &str) -> anyhow::Result<Vec<Rect<f64>>> {
    let wrong = |what: &str| {
        Usage(format!(
            "--bbox {text}: {what}; write it like -87.7,41.8,-87.6,41.9 (west, south, east, north)"
        ))
    };
    let sides: Result<Vec<f64>, _> = text.split(',').map(|side| side.trim().parse::<f64>()).collect();
    let sides = sides.map_err(|_| wrong("that is not four numbers"))?;
    let [west, south, east, north] = sides[..] else {
        return Err(wrong("that is not four numbers").into());
    };
    let is_within = |degrees: f64, most: f64| degrees.abs() <= most;
    if ![west, east].into_iter().all(|lon| is_within(lon, 180.0))
        || ![south, north].into_iter().all(|lat| is_within(lat, 90.0))
    {
        return Err(wrong("longitudes go from -180 to 180, latitudes from -90 to 90").into());
    }
    if south > north {
        return Err(wrong("south is north of north").into());
    }
    let part = |west: f64, east: f64| Rect::new((west, south), (east, north));
    Ok(if west <= east {
        vec![part(west, east)]
    } else {
        vec![part(west, 180.0), part(-180.0, east)]
    })
}

/// The polygons of a file, and the rectangle around them.
fn area(path: &str) -> anyhow::Result<(GeometryCollection<f64>, Rect<f64>)> {
    let wrong = |what: String| Usage(format!("--polygon {path}: {what}"));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let parsed: GeoJson = text.parse().map_err(|e| wrong(format!("is no GeoJSON: {e}")))?;
    let area = GeometryCollection::<f64>::try_from(&parsed).map_err(|e| wrong(e.to_string()))?;
    let is_polygon =
        |shape: &Geometry<f64>| matches!(shape, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
    let around = area.bounding_rect().filter(|_| area.0.iter().all(is_polygon));
    let around = around.ok_or_else(|| wrong("holds something else than polygons, or nothing".to_owned()))?;
    Ok((area, around))
}

fn rect(bbox: Bbox) -> Rect<f64> {
    Rect::new((bbox.xmin, bbox.ymin), (bbox.xmax, bbox.ymax))
}

fn statistics<'a>(group: &'a RowGroupMetaData, column: &str) -> Option<&'a Statistics> {
    let mut columns = group.columns().iter();
    columns
        .find(|found| found.column_path().string() == column)?
        .statistics()
}

/// The bounds of a column of unsigned numbers, which Parquet holds as signed ones of the same bits.
fn numbers(group: &RowGroupMetaData, column: &str) -> Option<(u64, u64)> {
    match statistics(group, column)? {
        Statistics::Int64(found) => {
            Some((found.min_opt()?.cast_unsigned(), found.max_opt()?.cast_unsigned()))
        }
        Statistics::Int32(found) => Some((
            found.min_opt()?.cast_unsigned().into(),
            found.max_opt()?.cast_unsigned().into(),
        )),
        _ => None,
    }
}

/// The rectangle around the boxes of a row group.
fn extent(group: &RowGroupMetaData) -> Option<Rect<f64>> {
    let side = |name: &str| match statistics(group, name) {
        Some(Statistics::Double(found)) => Some((*found.min_opt()?, *found.max_opt()?)),
        _ => None,
    };
    let (west, south) = (side("bbox.xmin")?.0, side("bbox.ymin")?.0);
    let (east, north) = (side("bbox.xmax")?.1, side("bbox.ymax")?.1);
    Some(Rect::new((west, south), (east, north)))
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
