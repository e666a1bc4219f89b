//! Convolutions of whole feature maps [height, width, channels], for codecs with norms over whole
//! pictures. Channels lie side by side: all work is on vectors of channels.

use candle_core::{Device, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use super::device;
use super::linear::Matrix;
use super::sums::add;
use super::winograd::Winograd;

/// Kernels of up to this many weights per position are kept in Winograd's form, which takes four
/// times the memory: wider ones belong to small maps, where there is little to win.
const MAX_FOR_WINOGRAD: usize = 256 * 256;

/// Positions in a band, about: what is gathered for it stays in a core's cache.
const BAND_POSITIONS: usize = 64;

/// A convolution with its bias.
#[derive(Clone, Debug)]
pub struct Conv2d {
    form: Form,
    bias: Vec<f32>, // [out]
    n_in: usize,
    stride: usize,
}

#[derive(Clone, Debug)]
enum Form {
    /// All that a position sees, times one matrix [out, kernel² · in].
    Direct {
        weight: Matrix,
        kernel: usize,
    },
    Winograd(Winograd),
    OnDevice(device::Convolution),
}

impl Conv2d {
    /// `weight` is [out, in, kernel, kernel], of 1 × 1 or 3 × 3 positions. Off the edge of the map
    /// there are zeros. With a stride of 1 the map stays as large as it is; with 2 it is halved,
    /// and there are zeros to the right and below only. With a device, weights lie there, maps go
    /// there and stay there.
    ///
    /// # Errors
    /// Where the shapes do not fit, or the device has no room.
    pub fn new(
        weight: &Tensor,
        bias: &Tensor,
        stride: usize,
        device: Option<&Device>,
    ) -> Result<Self> {
        let (n_out, n_in, kernel, width) = weight.dims4()?;
        if kernel != width || ![1, 3].contains(&kernel) || ![1, 2].contains(&stride) {
            bail!("a convolution of {kernel} × {width} places with stride {stride}");
        }
        if bias.dims() != [n_out] {
            bail!("{:?} values as bias of {n_out} channels", bias.dims());
        }
        let is_wide = MAX_FOR_WINOGRAD < n_in * n_out;
        let form = if let Some(device) = device {
            Form::OnDevice(device::Convolution::new(weight, bias, stride, device)?)
        } else if kernel == 1 || stride == 2 || is_wide {
            let weight = Matrix::new(&weight.permute((0, 2, 3, 1))?.flatten_from(1)?)?;
            Form::Direct { weight, kernel }
        } else {
            Form::Winograd(Winograd::new(weight)?)
        };
        Ok(Self { form, bias: bias.to_vec1()?, n_in, stride })
    }

    #[must_use]
    pub const fn n_out(&self) -> usize {
        self.bias.len()
    }

    /// # Errors
    /// Where `x` has another number of channels.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, 1, None)
    }

    /// `base` + the convolution of `x`.
    ///
    /// # Errors
    /// As there, and where `base` is of another shape than the result.
    pub fn forward_onto(&self, base: &Tensor, x: &Tensor) -> Result<Tensor> {
        self.run(x, 1, Some(base))
    }

    /// The convolution of `x` with each position doubled in both directions.
    ///
    /// # Errors
    /// As there.
    pub fn forward_doubled(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, 2, None)
    }

    fn run(&self, x: &Tensor, repeat: usize, base: Option<&Tensor>) -> Result<Tensor> {
        let (height, width, depth) = x.dims3()?;
        if depth != self.n_in {
            bail!("a convolution of {} channels cannot take {depth}", self.n_in);
        }
        let [rows, cols] = [height, width].map(|it| it * repeat / self.stride);
        let shape = (rows, cols, self.n_out());
        if let Some(base) = base
            && base.dims3()? != shape
        {
            bail!("a map {shape:?} cannot be added to {:?}", base.dims());
        }
        match &self.form {
            Form::OnDevice(conv) => conv.forward(x, repeat, base),
            Form::Winograd(weights) => {
                let rule = |x: &Source<'_>, start: &Start<'_>, y: &mut [f32]| {
                    weights.forward(x, start, y);
                };
                self.run_here(x, repeat, base, shape, rule)
            }
            Form::Direct { weight, kernel } => {
                let rule = |x: &Source<'_>, start: &Start<'_>, y: &mut [f32]| {
                    direct(weight, *kernel, self.stride, x, start, y);
                };
                self.run_here(x, repeat, base, shape, rule)
            }
        }
    }

    /// By the processor: `rule` adds the convolution to what it finds in its last argument.
    fn run_here(
        &self,
        x: &Tensor,
        repeat: usize,
        base: Option<&Tensor>,
        shape: (usize, usize, usize),
        rule: impl Fn(&Source<'_>, &Start<'_>, &mut [f32]),
    ) -> Result<Tensor> {
        let (height, width, depth) = x.dims3()?;
        let base = base.map(|it| it.flatten_all()?.contiguous()).transpose()?;
        let base_storage = base.as_ref().map(Tensor::storage_and_layout);
        let base = match &base_storage {
            None => None,
            Some((storage, layout)) => Some(&values(storage)?[layout.start_offset()..]),
        };
        let start = Start { bias: &self.bias, base };
        let x = x.contiguous()?;
        let (storage, layout) = x.storage_and_layout();
        let values = &values(&storage)?[layout.start_offset()..];
        let (height, width) = (height * repeat, width * repeat);
        let source = Source { values, height, width, depth, repeat };
        let mut y = vec![0.0; shape.0 * shape.1 * shape.2];
        rule(&source, &start, &mut y);
        Tensor::from_vec(y, shape, &Device::Cpu)
    }
}

/// A map that is read.
pub(super) struct Source<'a> {
    pub(super) values: &'a [f32],
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) depth: usize,
    /// How often each position of `values` stands in the map, in each direction.
    pub(super) repeat: usize,
}

impl Source<'_> {
    /// The channels of a position; `None` off the map.
    pub(super) fn channels_at(&self, row: Option<usize>, col: Option<usize>) -> Option<&[f32]> {
        let (row, col) = (row.filter(|&it| it < self.height)?, col.filter(|&it| it < self.width)?);
        let position = row / self.repeat * (self.width / self.repeat) + col / self.repeat;
        Some(&self.values[position * self.depth..(position + 1) * self.depth])
    }
}

fn values(storage: &Storage) -> Result<&[f32]> {
    match storage {
        Storage::Cpu(values) => values.as_slice(),
        _ => bail!("a convolution runs on the processor only"),
    }
}

/// What a convolution is added to.
pub(super) struct Start<'a> {
    bias: &'a [f32],         // [out]
    base: Option<&'a [f32]>, // [positions, out]
}

impl Start<'_> {
    /// Puts it into the part of a map that begins at position `first`.
    pub(super) fn put(&self, first: usize, y: &mut [f32]) {
        let n_out = self.bias.len();
        if let Some(base) = self.base {
            y.copy_from_slice(&base[first * n_out..][..y.len()]);
        }
        for y in y.chunks_exact_mut(n_out) {
            add(y, self.bias);
        }
    }
}

fn direct(
    weight: &Matrix,
    kernel: usize,
    stride: usize,
    x: &Source<'_>,
    start: &Start<'_>,
    y: &mut [f32],
) {
    let (width, n_out) = (x.width / stride, start.bias.len());
    // A kernel of 3 positions at stride 1 is centred.
    let padding = if stride == 1 { kernel / 2 } else { 0 };
    let n_positions = y.len() / n_out;
    let chunk = n_positions.div_ceil(n_positions.div_ceil(BAND_POSITIONS).max(1)).max(1);
    let room = || (vec![0.0; chunk * kernel * kernel * x.depth], vec![0.0; chunk * n_out]);
    let bands = y.par_chunks_mut(chunk * n_out).enumerate();
    bands.for_each_init(room, |(seen, products), (band, y)| {
        start.put(band * chunk, y);
        let n_seen = y.len() / n_out * kernel * kernel * x.depth;
        let positions = seen[..n_seen].chunks_exact_mut(kernel * kernel * x.depth);
        for (position, seen) in (band * chunk..).zip(positions) {
            let (row, col) = (position / width * stride, position % width * stride);
            for (idx, seen) in seen.chunks_exact_mut(x.depth).enumerate() {
                let row = (row + idx / kernel).checked_sub(padding);
                let col = (col + idx % kernel).checked_sub(padding);
                match x.channels_at(row, col) {
                    Some(values) => seen.copy_from_slice(values),
                    None => seen.fill(0.0),
                }
            }
        }
        let products = &mut products[..y.len()];
        weight.some_rows(&seen[..n_seen], products);
        y.iter_mut().zip(products).for_each(|(y, product)| *y += *product);
    });
}

#[cfg(test)]
mod tests {
    use candle_core::D;

    use super::*;

    #[test]
    fn maps_are_convolved_as_by_the_plain_convolution() {
        // Wide kernels are not in Winograd's form; narrow ones are.
        for (n_in, n_out) in [(3, 40), (33, 5), (257, 256)] {
            for (height, width) in [(4, 4), (10, 6), (1, 2)] {
                for kernel in [1, 3] {
                    check(n_in, n_out, (height, width), kernel, None);
                    check(n_in, n_out, (height, width), kernel, Some(&Device::Cpu));
                }
            }
        }
    }

    fn check(
        n_in: usize,
        n_out: usize,
        (height, width): (usize, usize),
        kernel: usize,
        device: Option<&Device>,
    ) {
        let cpu = &Device::Cpu;
        let x = Tensor::randn(0.0_f32, 1.0, (height, width, n_in), cpu).unwrap();
        let weight = Tensor::randn(0.0_f32, 1.0, (n_out, n_in, kernel, kernel), cpu).unwrap();
        let bias = Tensor::randn(0.0_f32, 1.0, n_out, cpu).unwrap();
        let conv = Conv2d::new(&weight, &bias, 1, device).unwrap();
        let plain = plain(&x, &weight, &bias, 1);
        assert_near(&conv.forward(&x).unwrap(), &plain);
        let onto = conv.forward_onto(&plain, &x).unwrap();
        assert_near(&onto, &(&plain * 2.0).unwrap());

        let wide = x.unsqueeze(1).unwrap().repeat((1, 2, 1, 1)).unwrap();
        let wide = wide.reshape((2 * height, width, 1, n_in)).unwrap().repeat((1, 1, 2, 1));
        let wide = wide.unwrap().reshape((2 * height, 2 * width, n_in)).unwrap();
        assert_near(&conv.forward_doubled(&x).unwrap(), &self::plain(&wide, &weight, &bias, 1));

        if kernel == 3 && height % 2 == 0 {
            let halving = Conv2d::new(&weight, &bias, 2, device).unwrap();
            assert_near(&halving.forward(&x).unwrap(), &self::plain(&x, &weight, &bias, 2));
        }
        assert!(conv.forward_onto(&x.narrow(0, 0, 1).unwrap(), &x).is_err() || height == 1);
        assert!(conv.forward(&x.narrow(2, 1, n_in - 1).unwrap()).is_err());
    }

    fn plain(x: &Tensor, weight: &Tensor, bias: &Tensor, stride: usize) -> Tensor {
        let mut x = x.permute((2, 0, 1)).unwrap().unsqueeze(0).unwrap();
        let mut padding = weight.dim(3).unwrap() / 2;
        if stride == 2 {
            x = x.pad_with_zeros(D::Minus1, 0, 1).unwrap().pad_with_zeros(D::Minus2, 0, 1).unwrap();
            padding = 0;
        }
        let y = x.contiguous().unwrap().conv2d(weight, padding, stride, 1, 1).unwrap();
        let y = y.squeeze(0).unwrap().permute((1, 2, 0)).unwrap();
        y.broadcast_add(bias).unwrap().contiguous().unwrap()
    }

    #[track_caller]
    fn assert_near(y: &Tensor, expected: &Tensor) {
        assert_eq!(y.dims(), expected.dims());
        let error = (y - expected).unwrap().abs().unwrap().max_all().unwrap();
        let error = error.to_scalar::<f32>().unwrap();
        assert!(error < 1e-3, "{error}");
    }
}
