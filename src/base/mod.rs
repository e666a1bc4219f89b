//! The terms that everybody shares: places, pixels, masks, the plan and the request,
//! what a model is called and loaded from.
//! Uses nothing else of this program.

mod hex;
mod ids;
mod mask;
mod model_id;
mod needs;
mod pixel_source;
mod pixmap;
mod plan;
mod raster;
mod request;
mod resample;
mod samples;
mod slot;
mod sources;
mod space;
mod views;

pub use self::hex::hex;
pub use self::ids::{DocumentId, EntryId, JobId, LayerId, Ticket};
pub use self::mask::Mask;
pub use self::model_id::{Digest, ModelId};
pub use self::needs::{MAX_CONTEXTS, Needs, context_budget};
pub use self::pixel_source::PixelSource;
pub use self::pixmap::{PixelTile, PixelTileChange, Pixmap, Rgba};
pub use self::plan::{CellPlan, Code, Order, Plan, ReadingOrder, Step, scramble};
pub use self::raster::{Raster, TILE_PIXELS, Tile, TileChange, TileIdx};
pub use self::request::{GuidedSpan, Prompt, Request, RequestError, Sampling};
pub use self::resample::{PixelKind, resampled, resampled_deep};
pub use self::samples::{Depth, Sample, Samples};
pub use self::slot::Slot;
pub use self::sources::{GIT_LFS_POINTER, Hardware, Precision, Sources};
pub use self::space::{Cell, CellRect, Grid, PixelRect, Point};
pub use self::views::{ViewSize, seen_in, tiles};
