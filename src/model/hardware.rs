//! What published networks compute on: the processor, or with their weights on a GPU.

use candle_core::{Device, utils};

use super::{Error, Result};
use crate::base::Hardware;

/// How the processor is called.
pub const PROCESSOR: &str = "the processor";

/// In the order in which they are tried.
const GPUS: [Hardware; 2] = [Hardware::Cuda, Hardware::Metal];

/// Where weights go.
#[derive(Clone, Debug)]
pub struct Placement {
    /// `None` for the processor, with its own kernels.
    pub(super) device: Option<Device>,
    /// Shown to the artist.
    pub(super) name: String,
}

impl Placement {
    #[must_use]
    pub fn on_processor() -> Self {
        Self { device: None, name: PROCESSOR.to_owned() }
    }

    /// On a device of candle's, which may be its processor, too.
    #[must_use]
    pub fn on_device(device: Device, name: &str) -> Self {
        Self { device: Some(device), name: name.to_owned() }
    }

    /// Whether weights there take none of the processor's memory.
    pub(super) fn has_own_memory(&self) -> bool {
        self.device.as_ref().is_some_and(Device::is_cuda)
    }
}

/// Whether the program was built for it.
#[must_use]
pub fn is_built_in(hardware: Hardware) -> bool {
    match hardware {
        Hardware::Auto | Hardware::Cpu => true,
        Hardware::Cuda => utils::cuda_is_available(),
        Hardware::Metal => utils::metal_is_available(),
    }
}

/// # Errors
/// Says how to build the program for it, where it was not.
pub fn ensure_built_in(hardware: Hardware) -> Result<()> {
    let feature = hardware.name();
    let reason = format!("the program was built without it; build it with --features {feature}");
    if is_built_in(hardware) { Ok(()) } else { Err(Error::Gpu { gpu: name_of(hardware), reason }) }
}

/// Does `work` where `hardware` says.
///
/// # Errors
/// Those of `work`; and where a GPU was named and cannot be used. What fails on a GPU that nobody
/// has named is done on the processor.
pub(super) fn run<T>(hardware: Hardware, work: impl Fn(&Placement) -> Result<T>) -> Result<T> {
    let gpus: Vec<Hardware> = match hardware {
        Hardware::Cpu => Vec::new(),
        Hardware::Auto => GPUS.into_iter().filter(|&it| is_built_in(it)).collect(),
        named => vec![named],
    };
    if gpus.is_empty() && hardware == Hardware::Auto {
        log::info!("The program was built for no GPU");
    }
    ensure_built_in(hardware)?;
    run_on(&gpus, hardware == Hardware::Auto, open, work)
}

/// On the first of some GPUs that can be used; where none can, on the processor, if that will do.
fn run_on<T>(
    gpus: &[Hardware],
    may_fall_back: bool,
    open: impl Fn(Hardware) -> candle_core::Result<Device>,
    work: impl Fn(&Placement) -> Result<T>,
) -> Result<T> {
    let mut processor = Placement::on_processor();
    for &it in gpus {
        let gpu = name_of(it);
        let done = match open(it) {
            Ok(device) => work(&Placement::on_device(device, gpu)),
            Err(err) => Err(err.into()),
        };
        // Whatever else is wrong would be wrong on the processor, too; there weights may take less.
        let (reason, err) = match done {
            Err(Error::Tensor(err)) => {
                let reason = err.to_string().lines().next().unwrap_or_default().to_owned();
                (reason.clone(), Error::Gpu { gpu, reason })
            }
            Err(err @ Error::OutOfMemory { .. }) => (err.to_string(), err),
            done => return done,
        };
        if !may_fall_back {
            return Err(err);
        }
        log::warn!("{gpu} cannot be used: {reason}");
        processor.name = format!("{PROCESSOR}: {gpu} cannot be used ({reason})");
    }
    work(&processor)
}

/// The first GPU of its kind. All threads give it work in one queue, in which products are
/// repeatable.
fn open(gpu: Hardware) -> candle_core::Result<Device> {
    match gpu {
        Hardware::Metal => Device::new_metal(0),
        _ => Device::new_cuda_with_stream(0),
    }
}

const fn name_of(hardware: Hardware) -> &'static str {
    match hardware {
        Hardware::Cuda => "CUDA",
        Hardware::Metal => "Metal",
        Hardware::Auto | Hardware::Cpu => PROCESSOR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where it was done.
    #[expect(clippy::unnecessary_wraps, reason = "work may fail")]
    fn name(placement: &Placement) -> Result<String> {
        Ok(placement.name.clone())
    }

    fn full() -> candle_core::Error {
        candle_core::Error::msg("out of memory\nat some address")
    }

    /// As on a GPU that has no room.
    fn name_of_processor(placement: &Placement) -> Result<String> {
        match placement.device {
            Some(_) => Err(full().into()),
            None => name(placement),
        }
    }

    #[test]
    fn the_first_gpu_that_can_be_used_is_used() {
        let all = |_| Ok(Device::Cpu);
        let second = |gpu| if gpu == Hardware::Metal { Ok(Device::Cpu) } else { Err(full()) };
        assert_eq!(run_on(&GPUS, true, all, name).unwrap(), "CUDA");
        assert_eq!(run_on(&GPUS, true, second, name).unwrap(), "Metal");
        assert_eq!(run_on(&[], true, all, name).unwrap(), PROCESSOR);
        assert_eq!(run(Hardware::Cpu, name).unwrap(), PROCESSOR);
    }

    #[test]
    fn a_gpu_that_nobody_named_gives_way_to_the_processor() {
        let why = "the processor: CUDA cannot be used (out of memory)";
        let cuda = &GPUS[..1];
        assert_eq!(run_on(cuda, true, |_| Err(full()), name).unwrap(), why);
        assert_eq!(run_on(cuda, true, |_| Ok(Device::Cpu), name_of_processor).unwrap(), why);
        for refused in [
            run_on(cuda, false, |_| Err(full()), name),
            run_on(cuda, false, |_| Ok(Device::Cpu), name_of_processor),
        ] {
            let said = refused.unwrap_err().to_string();
            assert!(said.starts_with("CUDA cannot be used: out of memory\n"), "{said}");
        }
    }

    #[test]
    fn a_damaged_model_is_not_tried_twice() {
        let tries = std::cell::Cell::new(0);
        let work = |_: &Placement| -> Result<()> {
            tries.set(tries.get() + 1);
            Err(Error::Damaged("holes".to_owned()))
        };
        let refused = run_on(&GPUS, true, |_| Ok(Device::Cpu), work);
        assert!(matches!(refused, Err(Error::Damaged(_))));
        assert_eq!(tries.get(), 1);
    }

    #[test]
    fn what_the_program_was_not_built_for_is_refused() {
        for gpu in GPUS.into_iter().filter(|&it| !is_built_in(it)) {
            let said = run(gpu, name).unwrap_err().to_string();
            assert!(said.contains(&format!("--features {}", gpu.name())), "{said}");
            assert!(open(gpu).is_err());
        }
    }
}
