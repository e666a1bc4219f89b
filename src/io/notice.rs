//! What had to be done for a picture to be opened. The texts are shown to the user.

use super::MAX_SIDE_PIXELS;
use super::colour::ProfileFlaw;

/// Something about an opened picture that is not as it is in its file.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Notice {
    #[error("The picture's colours were taken for sRGB: {0}")]
    ProfileIgnored(ProfileFlaw),

    #[error(
        "The picture was scaled down from {} × {} to {} × {} pixels: at most {MAX_SIDE_PIXELS} on a side are opened",
        .from[0], .from[1], .to[0], .to[1]
    )]
    ScaledDown { from: [u32; 2], to: [u32; 2] },

    #[error("The picture's file is cut off: the lowest {percent} % of it is missing")]
    PartMissing { percent: u32 },

    #[error("The picture's file is cut off: it may be less sharp than it was")]
    LessSharp,
}
