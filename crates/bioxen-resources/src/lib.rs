//! Watching and steering what cells use.

mod performance;

mod store;

pub use performance::{
    OperationMetrics, Outcome, PerformanceMonitor, PerformanceSummary, Timed, Verb, open_metrics,
};
pub use store::{
    IMAGE_FILE_VERSION, ImageFile, ImageLabel, ImageStore, LARGEST_IMAGE, Listing, Newest, Saved,
    SavedVm, StoreError, read_image_file, read_image_header, write_image_file,
};
