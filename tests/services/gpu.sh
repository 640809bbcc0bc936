#!/bin/sh
# Training on a GPU, checked on Mesa's software Vulkan: every kernel in WGSL, the processor plays the GPU.
#
#   tests/services/gpu.sh            # Debian: apt-get install mesa-vulkan-drivers
#   tests/services/gpu.sh --any      # on whatever adapter this machine has
#
# Checked, each on shapes of a few rows: logits, loss and gradient of every kind of layer against PyTorch's
# (1e-5 of the largest, 1e-6, 1e-4 of the largest), three clipped and decaying steps of Adam (1e-4), a
# training of two epochs whose loss falls and stays within a thousandth of the processor's, the fitted
# network's answers against the processor's (1e-4), and that software is not taken for a GPU.
# Not checked: real hardware, its drivers, Metal, DX12, SPIR-V (which crashes in Mesa 22), products of a
# size that matters, speed.
#
# Not part of CI: it builds burn's GPU half (about 650 CPU seconds cold) into a folder of its own,
# GPU_TARGET, and compiles every kernel for every shape in software.
set -eu
cd "$(dirname "$0")/../.."
if [ "${1:-}" != --any ]; then
  software=$(ls /usr/share/vulkan/icd.d/lvp_icd*.json 2> /dev/null | head -n 1)
  [ -n "$software" ] || { echo "no software Vulkan: apt-get install mesa-vulkan-drivers" >&2; exit 3; }
  export VK_DRIVER_FILES="$software" VK_ICD_FILENAMES="$software"
fi
export CARGO_TARGET_DIR="${GPU_TARGET:-$HOME/.cache/suho/gpu}" CARGO_INCREMENTAL=0
# The processor's half is asked for a few rows here: not worth its four minutes of optimising.
small=
for crate in burn-flex burn-tensor burn-autodiff suho-train; do
  small="$small --config profile.dev.package.$crate.opt-level=0"
done
# One at a time: each test takes the one adapter.
# shellcheck disable=SC2086
cargo test $small -p suho-train --features gpu --lib -- device:: --nocapture --test-threads 1
