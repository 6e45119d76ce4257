//! How one value of a row lies in an Arrow column, and in the canonical bytes of a row.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Int32Type, Int64Type, TimeUnit, TimestampMillisecondType, UInt32Type, UInt64Type,
};
use arrow::util::display::array_value_to_string;

use crate::cell::Cell;
use crate::digest::{Digest, RowEncoder};
use crate::table::TableError;
use crate::units::{Ppm, Timestamp};
use crate::verdict::{Reason, Verdict};

/// A type that fills a column of a table.
pub trait Column: Sized {
    /// Whether the column may hold nulls.
    const NULLABLE: bool;
    /// Collects values into an Arrow array.
    type Builder: Default;

    /// The column's Arrow type.
    fn data_type() -> DataType;
    /// Adds this value to a column being built.
    fn append(&self, builder: &mut Self::Builder);
    /// Ends a column.
    fn finish(builder: Self::Builder) -> ArrayRef;
    /// All values of a column; one of another but lossless type (a view, a large string) is cast first.
    ///
    /// # Errors
    /// [`TableError::Column`] when the type cannot be cast, a null stands where none may, or a
    /// text is not one of the values the type knows.
    fn read(name: &str, array: &ArrayRef) -> Result<Vec<Self>, TableError>;
    /// Adds the value's canonical bytes.
    fn encode(&self, row: &mut RowEncoder);
}

/// A value of a column as people read it: times as RFC 3339, everything else as Arrow writes it,
/// nothing for a null.
#[must_use]
pub fn value_text(array: &dyn Array, row: usize) -> String {
    match array.as_primitive_opt::<TimestampMillisecondType>() {
        Some(times) if times.is_valid(row) => Timestamp(times.value(row)).to_string(),
        _ => array_value_to_string(array, row).unwrap_or_default(),
    }
}

/// A value that is there: the common ground of `T` and `Option<T>`.
pub trait Scalar: Sized {
    /// Collects values into an Arrow array.
    type Builder: Default;
    /// The Arrow type.
    fn scalar_type() -> DataType;
    /// Adds a value or a null.
    fn push(builder: &mut Self::Builder, value: Option<&Self>);
    /// Ends a column.
    fn done(builder: Self::Builder) -> ArrayRef;
    /// The values of an array of [`Scalar::scalar_type`].
    ///
    /// # Errors
    /// What is wrong with the array or with a value in it.
    fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String>;
    /// Adds the value's canonical bytes.
    fn canonical(&self, row: &mut RowEncoder);
}

fn read_column<T: Scalar>(name: &str, array: &ArrayRef) -> Result<Vec<Option<T>>, TableError> {
    let fault = |what: String| TableError::Column {
        column: name.to_owned(),
        what,
    };
    let wanted = T::scalar_type();
    if array.data_type() == &wanted {
        return T::values(array).map_err(fault);
    }
    let array = cast(array, &wanted).map_err(|e| fault(e.to_string()))?;
    T::values(&array).map_err(fault)
}

impl<T: Scalar> Column for Option<T> {
    const NULLABLE: bool = true;
    type Builder = T::Builder;

    fn data_type() -> DataType {
        T::scalar_type()
    }
    fn append(&self, builder: &mut Self::Builder) {
        T::push(builder, self.as_ref());
    }
    fn finish(builder: Self::Builder) -> ArrayRef {
        T::done(builder)
    }
    fn read(name: &str, array: &ArrayRef) -> Result<Vec<Self>, TableError> {
        read_column::<T>(name, array)
    }
    fn encode(&self, row: &mut RowEncoder) {
        match self {
            Some(value) => value.canonical(row),
            None => row.null(),
        }
    }
}

/// `Column` for a value that is always there.
macro_rules! required {
    ($($type:ty),*) => {$(
        impl Column for $type {
            const NULLABLE: bool = false;
            type Builder = <$type as Scalar>::Builder;

            fn data_type() -> DataType {
                <$type as Scalar>::scalar_type()
            }
            fn append(&self, builder: &mut Self::Builder) {
                <$type as Scalar>::push(builder, Some(self));
            }
            fn finish(builder: Self::Builder) -> ArrayRef {
                <$type as Scalar>::done(builder)
            }
            fn read(name: &str, array: &ArrayRef) -> Result<Vec<Self>, TableError> {
                let missing = || TableError::Column {
                    column: name.to_owned(),
                    what: "holds a null, and may not".to_owned(),
                };
                read_column::<$type>(name, array)?.into_iter().map(|v| v.ok_or_else(missing)).collect()
            }
            fn encode(&self, row: &mut RowEncoder) {
                self.canonical(row);
            }
        }
    )*};
}

required!(
    String,
    i32,
    u32,
    i64,
    u64,
    bool,
    Vec<u8>,
    Timestamp,
    Ppm,
    Digest,
    Cell,
    Verdict,
    Reason
);

/// `Scalar` for numbers, given how a value becomes the array's native type and back.
macro_rules! number {
    ($type:ty, $arrow:ty, $data_type:expr, $to:expr, $from:expr) => {
        impl Scalar for $type {
            type Builder = PrimitiveBuilder<$arrow>;

            fn scalar_type() -> DataType {
                $data_type
            }
            fn push(builder: &mut Self::Builder, value: Option<&Self>) {
                builder.append_option(value.map(|v| $to(*v)));
            }
            fn done(mut builder: Self::Builder) -> ArrayRef {
                std::sync::Arc::new(builder.finish())
            }
            fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String> {
                let array = array
                    .as_primitive_opt::<$arrow>()
                    .ok_or("is of another type")?;
                array.iter().map(|v| v.map($from).transpose()).collect()
            }
            fn canonical(&self, row: &mut RowEncoder) {
                row.fixed(&$to(*self).to_le_bytes());
            }
        }
    };
}

number!(i32, Int32Type, DataType::Int32, |v: i32| v, Ok);
number!(u32, UInt32Type, DataType::UInt32, |v: u32| v, Ok);
number!(i64, Int64Type, DataType::Int64, |v: i64| v, Ok);
number!(u64, UInt64Type, DataType::UInt64, |v: u64| v, Ok);
number!(Ppm, UInt32Type, DataType::UInt32, Ppm::parts, |v| {
    if v <= 1_000_000 {
        Ok(Ppm::new(v))
    } else {
        Err(format!("holds {v}, over 1,000,000 ppm"))
    }
});
number!(Cell, UInt64Type, DataType::UInt64, Cell::index, |v| {
    Cell::try_from(v).map_err(|e| e.to_string())
});

impl Scalar for Timestamp {
    type Builder = TimestampMillisecondBuilder;

    fn scalar_type() -> DataType {
        DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
    }
    fn push(builder: &mut Self::Builder, value: Option<&Self>) {
        builder.append_option(value.map(|t| t.0));
    }
    fn done(mut builder: Self::Builder) -> ArrayRef {
        std::sync::Arc::new(builder.finish().with_timezone("UTC"))
    }
    fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String> {
        let array = array
            .as_primitive_opt::<TimestampMillisecondType>()
            .ok_or("is no timestamp")?;
        Ok(array.iter().map(|v| v.map(Self)).collect())
    }
    fn canonical(&self, row: &mut RowEncoder) {
        row.fixed(&self.0.to_le_bytes());
    }
}

impl Scalar for bool {
    type Builder = BooleanBuilder;

    fn scalar_type() -> DataType {
        DataType::Boolean
    }
    fn push(builder: &mut Self::Builder, value: Option<&Self>) {
        builder.append_option(value.copied());
    }
    fn done(mut builder: Self::Builder) -> ArrayRef {
        std::sync::Arc::new(builder.finish())
    }
    fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String> {
        Ok(array.as_boolean_opt().ok_or("is no boolean")?.iter().collect())
    }
    fn canonical(&self, row: &mut RowEncoder) {
        row.fixed(&[u8::from(*self)]);
    }
}

impl Scalar for Vec<u8> {
    type Builder = BinaryBuilder;

    fn scalar_type() -> DataType {
        DataType::Binary
    }
    fn push(builder: &mut Self::Builder, value: Option<&Self>) {
        builder.append_option(value);
    }
    fn done(mut builder: Self::Builder) -> ArrayRef {
        std::sync::Arc::new(builder.finish())
    }
    fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String> {
        let array = array.as_binary_opt::<i32>().ok_or("is not binary")?;
        Ok(array.iter().map(|v| v.map(<[u8]>::to_vec)).collect())
    }
    fn canonical(&self, row: &mut RowEncoder) {
        row.sized(self);
    }
}

/// `Scalar` for values written as text: how to write one, and how to read it back.
macro_rules! text {
    ($type:ty, $write:expr, $read:expr) => {
        impl Scalar for $type {
            type Builder = StringBuilder;

            fn scalar_type() -> DataType {
                DataType::Utf8
            }
            fn push(builder: &mut Self::Builder, value: Option<&Self>) {
                builder.append_option(value.map($write));
            }
            fn done(mut builder: Self::Builder) -> ArrayRef {
                std::sync::Arc::new(builder.finish())
            }
            fn values(array: &ArrayRef) -> Result<Vec<Option<Self>>, String> {
                let array = array.as_string_opt::<i32>().ok_or("is no text")?;
                array.iter().map(|v| v.map($read).transpose()).collect()
            }
            fn canonical(&self, row: &mut RowEncoder) {
                let text = $write(self);
                row.sized(AsRef::<str>::as_ref(&text).as_bytes());
            }
        }
    };
}

text!(String, |v: &String| v.clone(), |v: &str| Ok(v.to_owned()));
text!(Digest, |v: &Digest| v.to_string(), |v: &str| v
    .parse()
    .map_err(|_| format!("holds `{v}`, no digest")));
text!(Verdict, |v: &Verdict| v.name(), |v: &str| Verdict::from_name(v)
    .ok_or(format!("holds `{v}`, no verdict")));
text!(Reason, |v: &Reason| v.code(), |v: &str| Reason::from_code(v)
    .ok_or(format!("holds `{v}`, no reason code")));
