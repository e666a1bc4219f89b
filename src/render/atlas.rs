//! Tiles that were uploaded, in pages of one texture; those that are needed no more make room.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use super::gpu::upload;
use crate::base::{PixelTile, TILE_PIXELS};

/// Tiles in a row of a page, and rows in a page. Keep in step with `shaders/compose.wgsl`.
const COLS: u32 = 32;

const TILES_IN_PAGE: u32 = COLS * COLS;

/// At first. On OpenGL a texture of a single page would be none in pages.
const FIRST_PAGES: u32 = 2;

/// 512 MiB: eight layers of 4096 × 4096 that are full of paint.
pub(super) const MAX_PAGES: u32 = 32;

/// Tiles that are uploaded before the GPU is given them: each has memory of its own until then.
const UPLOADS: u32 = 256;

/// A tile that was uploaded.
struct Slot {
    idx: u32,
    /// Holds the place in memory that it is known by, not the pixels.
    tile: Weak<PixelTile>,
    /// The turn in which it was needed last.
    needed: u64,
}

/// Tiles that were uploaded.
pub(super) struct Atlas {
    texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
    /// By where they lie in memory.
    slots: HashMap<usize, Slot>,
    free: Vec<u32>,
    max_pages: u32,
    turn: u64,
    /// Since the GPU was given some.
    n_uploads: u32,
}

impl Atlas {
    /// Never of more pages than these, but for those that there are at first.
    pub(super) fn new(device: &wgpu::Device, max_pages: u32) -> Self {
        let (texture, view) = pages(device, FIRST_PAGES);
        let max_pages = max_pages.min(device.limits().max_texture_array_layers);
        let free = (0..FIRST_PAGES * TILES_IN_PAGE).rev().collect();
        Self { texture, view, slots: HashMap::new(), free, max_pages, turn: 0, n_uploads: 0 }
    }

    /// From here on, tiles may go that have been asked for so far.
    pub(super) const fn begin_turn(&mut self) {
        self.turn += 1;
    }

    /// Where a tile is, uploaded if it was not there; it stays for this turn. `None` where this turn's tiles leave no room.
    pub(super) fn place(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        tile: &Arc<PixelTile>,
    ) -> Option<u32> {
        let key = Arc::as_ptr(tile).addr();
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.needed = self.turn;
            return Some(slot.idx);
        }
        if self.free.is_empty() {
            self.make_room(device, queue);
        }
        let idx = self.free.pop()?;
        self.upload(queue, idx, tile);
        self.n_uploads += 1;
        if self.n_uploads == UPLOADS {
            self.n_uploads = 0;
            queue.submit([]);
        }
        self.slots.insert(key, Slot { idx, tile: Arc::downgrade(tile), needed: self.turn });
        Some(idx)
    }

    /// Forgets tiles that nobody has any more; then there are more pages; then tiles go that were not needed for longest.
    fn make_room(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        let now = self.turn;
        self.forget(|it| it.needed < now && it.tile.strong_count() == 0);
        let n_pages = self.texture.depth_or_array_layers();
        let n_slots = n_pages * TILES_IN_PAGE;
        if n_slots / 8 <= self.free.len() as u32 {
            return;
        }
        if n_pages < self.max_pages {
            self.grow(device, queue, (2 * n_pages).min(self.max_pages));
            return;
        }
        let mut turns: Vec<u64> = self.slots.values().map(|it| it.needed).collect();
        turns.sort_unstable();
        let quarter = turns[turns.len() / 4];
        self.forget(|it| it.needed <= quarter && it.needed < now);
    }

    fn forget(&mut self, is_done: impl Fn(&Slot) -> bool) {
        let free = &mut self.free;
        self.slots.retain(|_, slot| {
            let stays = !is_done(slot);
            if !stays {
                free.push(slot.idx);
            }
            stays
        });
    }

    fn grow(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, n_pages: u32) {
        let old = self.texture.depth_or_array_layers();
        let (texture, view) = pages(device, n_pages);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let (from, to) = (self.texture.as_image_copy(), texture.as_image_copy());
        encoder.copy_texture_to_texture(from, to, self.texture.size());
        queue.submit([encoder.finish()]);
        self.free.extend((old * TILES_IN_PAGE..n_pages * TILES_IN_PAGE).rev());
        (self.texture, self.view) = (texture, view);
    }

    fn upload(&self, queue: &wgpu::Queue, idx: u32, tile: &PixelTile) {
        let in_page = idx % TILES_IN_PAGE;
        let (x, y) = (in_page % COLS * TILE_PIXELS, in_page / COLS * TILE_PIXELS);
        let (origin, size) = ([x, y, idx / TILES_IN_PAGE], [TILE_PIXELS; 2]);
        upload(queue, &self.texture, origin, size, tile.pixels().as_flattened());
    }
}

fn pages(device: &wgpu::Device, n_pages: u32) -> (wgpu::Texture, wgpu::TextureView) {
    let side = COLS * TILE_PIXELS;
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("tiles"),
        size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: n_pages },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_DST
            | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2Array),
        ..Default::default()
    });
    (texture, view)
}
