#include "engine.h"
extern binary_op engine_default;
uint32_t op_mul(uint32_t a, uint32_t b);
