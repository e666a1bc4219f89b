//! PDF files for print (ISO 32000-1): one page, as large as the picture at its resolution.

use pdf_writer::types::Predictor;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};
use png::{BitDepth, ColorType, Encoder};

use super::Artwork;
use crate::base::Samples;
use crate::io::chunks::idat;
use crate::io::error::Fault;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const COLOURS: Ref = Ref::new(5);
const ALPHA: Ref = Ref::new(6);
const PROFILE: Ref = Ref::new(7);
const PACKET: Ref = Ref::new(8);
const INFO: Ref = Ref::new(9);

const PICTURE: Name<'_> = Name(b"Picture");

/// Units of a page in an inch.
const UNITS_PER_INCH: f32 = 72.0;

pub(super) fn encode(artwork: &Artwork<'_>) -> Result<Vec<u8>, Fault> {
    let [width, height] = artwork.size;
    let planes = match artwork.samples {
        Samples::Sixteen(it) if artwork.is_deep() => {
            planes::<2>(&it.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>())
        }
        it => planes::<1>(&it.eight()),
    };
    let mut pdf = Pdf::new();
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES);
    if !artwork.xmp.is_empty() {
        catalog.metadata(PACKET);
    }
    catalog.finish();
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let units = |pixels: u32| pixels as f32 * UNITS_PER_INCH / f32::from(artwork.options.dpi);
    let page_size = [units(width), units(height)];
    let mut page = pdf.page(PAGE);
    page.media_box(Rect::new(0.0, 0.0, page_size[0], page_size[1]));
    page.parent(PAGES).contents(CONTENT);
    page.resources().x_objects().pair(PICTURE, COLOURS);
    page.finish();
    let mut content = Content::new();
    content.transform([page_size[0], 0.0, 0.0, page_size[1], 0.0, 0.0]).x_object(PICTURE);
    pdf.stream(CONTENT, &content.finish());

    let has_alpha = !artwork.is_opaque();
    plane(&mut pdf, COLOURS, artwork, &planes[0], has_alpha)?;
    if has_alpha {
        plane(&mut pdf, ALPHA, artwork, &planes[1], false)?;
    }
    if let Some(profile) = &artwork.profile {
        pdf.icc_profile(PROFILE, profile).n(3);
    }
    if !artwork.xmp.is_empty() {
        pdf.metadata(PACKET, artwork.xmp.as_bytes());
    }
    let creator = TextStr(concat!("Alla Prima ", env!("CARGO_PKG_VERSION")));
    pdf.document_info(INFO).creator(creator).producer(creator);
    Ok(pdf.finish())
}

/// The bytes of colours and those of alpha, apart; a value has `N` of them.
fn planes<const N: usize>(values: &[u8]) -> [Vec<u8>; 2] {
    let mut planes = [Vec::with_capacity(values.len() / 4 * 3), Vec::new()];
    for pixel in values.chunks_exact(4 * N) {
        planes[0].extend(&pixel[..3 * N]);
        planes[1].extend(&pixel[3 * N..]);
    }
    planes
}

/// Values as PNG packs them: PDF took both its filters and its compression over from there (ISO 32000-1, 7.4.4.4).
fn plane(
    pdf: &mut Pdf,
    id: Ref,
    artwork: &Artwork<'_>,
    values: &[u8],
    has_alpha: bool,
) -> Result<(), Fault> {
    let [width, height] = artwork.size;
    let (is_alpha, is_deep) = (id == ALPHA, artwork.is_deep());
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(if is_alpha { ColorType::Grayscale } else { ColorType::Rgb });
    encoder.set_depth(if is_deep { BitDepth::Sixteen } else { BitDepth::Eight });
    let write = |encoder: Encoder<'_, &mut Vec<u8>>| {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(values)?;
        writer.finish()
    };
    write(encoder).map_err(|err: png::EncodingError| Fault::Write(err.into()))?;
    let packed = idat(&file);
    let (n_bits, n_colours) = (if is_deep { 16 } else { 8 }, if is_alpha { 1 } else { 3 });
    let mut image = pdf.image_xobject(id, &packed);
    image.filter(Filter::FlateDecode);
    image
        .decode_parms()
        .predictor(Predictor::PngOptimum)
        .colors(n_colours)
        .bits_per_component(n_bits)
        .columns(width as i32);
    image.width(width as i32).height(height as i32).bits_per_component(n_bits);
    match artwork.profile {
        _ if is_alpha => image.color_space().device_gray(),
        Some(_) => image.color_space().icc_based(PROFILE),
        None => image.color_space().device_rgb(),
    }
    if has_alpha {
        image.s_mask(ALPHA);
    }
    Ok(())
}
