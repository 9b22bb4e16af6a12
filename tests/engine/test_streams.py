"""Every draw is a function of its address and of nothing else; the generator is the published one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.streams import Stream, item_of, normal_rows, uniforms

WORD = 2**64 - 1
ADDRESSES = ("parties.russia.cost", "parties.ukraine.cost", "conflict.odds", "x", "")


def philox(counter, key):
    """Philox 4x64 with ten rounds, word by word, from the article [Salmon2011]."""
    x, k = list(counter), list(key)
    for step in range(10):
        if step:
            k = [(k[0] + 0x9E3779B97F4A7C15) & WORD, (k[1] + 0xBB67AE8584CAA73B) & WORD]
        one, other = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        x = [(other >> 64) ^ x[1] ^ k[0], other & WORD, (one >> 64) ^ x[3] ^ k[1], one & WORD]
    return x


# Known answers published with the generator (Random123, kat_vectors): counter, key, output.
KNOWN = [
    ([0] * 4, [0] * 2, [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]),
    ([WORD] * 4, [WORD] * 2, [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]),
    (
        [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
        [0x452821E638D01377, 0xBE5466CF34E90C6C],
        [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
    ),
]


@pytest.mark.parametrize(("counter", "key", "output"), KNOWN)
def test_the_generator_written_here_gives_the_published_answers(counter, key, output):
    assert philox(counter, key) == output


@given(
    seed=st.integers(0, WORD),
    stream=st.sampled_from(Stream),
    address=st.text(max_size=20),
    round_=st.integers(0, 2**32 - 1),
    run=st.integers(0, 10**9),
)
def test_a_draw_is_one_word_of_that_generator_at_its_address(seed, stream, address, round_, run):
    # The counter stands one step ahead: it is raised before each four words.
    counter = [run // 4 + 1, 0, (int(stream) << 32) | round_, item_of(address)]
    word = philox(counter, [seed, 0])[run % 4]
    assert uniforms(seed, stream, address, round_, run, 1)[0] == (word >> 11) * 2.0**-53


def test_addresses_and_streams_never_change_their_numbers():
    """They are stored with results: a change here makes every stored result irreproducible."""
    assert item_of("parties.russia.cost") == 0xF3BD22F1DA4318FC
    assert {stream.name: stream.value for stream in Stream} == {
        "NUMBERS": 1,
        "TYPE": 2,
        "RED_LINE": 3,
        "WALK": 4,
        "BREACH": 5,
        "DEADLINE": 6,
        "MEDIATOR": 7,
    }
    assert uniforms(1, Stream.WALK, "parties.russia.cost", 3, 4711, 1)[0] == 0.7526572898205692


@given(first=st.integers(0, 900), runs=st.integers(1, 100), seed=st.integers(0, 5), round_=st.integers(0, 30))
def test_a_run_does_not_depend_on_its_neighbours(first, runs, seed, round_):
    ensemble = uniforms(seed, Stream.WALK, "x", round_, 0, 1000)
    assert np.array_equal(uniforms(seed, Stream.WALK, "x", round_, first, runs), ensemble[first : first + runs])


@given(
    others=st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(Stream),
            st.sampled_from(ADDRESSES),
            st.integers(0, 9),
            st.integers(0, 99),
            st.integers(0, 50),
        ),
        max_size=10,
    )
)
def test_drawing_more_of_anything_moves_nothing(others):
    before = uniforms(1, Stream.BREACH, "x", 2, 10, 40)
    for other in others:
        uniforms(*other)
    assert np.array_equal(uniforms(1, Stream.BREACH, "x", 2, 10, 40), before)


def test_different_addresses_have_different_luck():
    """Streams of seeds, purposes, items and rounds: all different, and uncorrelated within four standard errors."""
    runs = 4000
    drawn = np.stack(
        [
            uniforms(seed, stream, address, round_, 0, runs)
            for seed in (0, 1)
            for stream in (Stream.NUMBERS, Stream.WALK)
            for address in ADDRESSES[:3]
            for round_ in (0, 1, 2**20)
        ]
    )
    assert len(np.unique(drawn)) == drawn.size
    between = np.corrcoef(drawn)[np.triu_indices(len(drawn), 1)]
    # 630 pairs: the largest of as many independent correlations stays below 4.5 standard errors.
    assert np.abs(between).max() < 4.5 / np.sqrt(runs)


def test_uniforms_are_uniform_and_normals_normal():
    runs = 100_000
    flat = uniforms(7, Stream.WALK, "x", 1, 0, runs)
    bell = normal_rows(7, ((Stream.WALK, "x"),), 1, 0, runs)[0]
    assert flat.min() >= 0.0
    assert flat.max() < 1.0
    share = np.histogram(flat, bins=20, range=(0, 1))[0] / runs
    assert np.abs(share - 0.05).max() < 4 * np.sqrt(0.05 * 0.95 / runs)
    assert abs(bell.mean()) < 4 / np.sqrt(runs)
    assert abs(bell.var() - 1) < 4 * np.sqrt(2 / runs)
    below = (bell < -1.6448536269514722).mean()
    assert abs(below - 0.05) < 4 * np.sqrt(0.05 * 0.95 / runs)
    assert ((flat < 0.5) == (bell < 0.0)).all()


def test_the_largest_seed_can_be_used():
    assert uniforms(WORD, Stream.WALK, "x", 0, 0, 3).shape == (3,)
    assert uniforms(0, Stream.WALK, "x", 0, 0, 0).shape == (0,)


@pytest.mark.parametrize("where", range(4))
def test_negative_addresses_are_refused(where):
    numbers = [1, 1, 1, 1]
    numbers[where] = -1
    seed, round_, first, runs = numbers
    with pytest.raises(ValueError, match="must not be negative"):
        uniforms(seed, Stream.WALK, "x", round_, first, runs)
